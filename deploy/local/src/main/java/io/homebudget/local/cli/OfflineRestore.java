package io.homebudget.local.cli;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.local.breakglass.StorageTool;
import io.homebudget.local.home.Credentials;
import io.homebudget.local.home.Home;
import io.homebudget.local.home.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A restore with every service away: the storage engine's own tool, kind after kind. */
final class OfflineRestore {
    private OfflineRestore() {}

    /** @param id of a snapshot below the home's backups, or the path of a snapshot's folder */
    static int run(Home home, String id, List<Kind> kinds, boolean replaceDamaged, boolean acceptLoss)
            throws IOException {
        Path snapshot =
                Files.isDirectory(home.backups().resolve(id)) ? home.backups().resolve(id) : Path.of(id);
        if (!Files.isRegularFile(snapshot.resolve("manifest.json"))) {
            throw new Refused("There is no snapshot " + id + " in " + home.backups() + ", nor a folder of that name.");
        }
        Map<String, String> environment = Files.exists(home.credentials().resolve("postgres.url"))
                ? Map.of("DATABASE_URL", new Credentials(home).postgresUrl())
                : Map.of();
        int worst = 0;
        for (Kind kind : kinds) {
            List<String> arguments =
                    new ArrayList<>(List.of(kind.word(), home.data(kind).toString(), snapshot.toString()));
            if (replaceDamaged) {
                arguments.add("replace-damaged");
            }
            if (acceptLoss) {
                arguments.add("accept-loss");
            }
            worst = Math.max(
                    worst,
                    StorageTool.run(
                            Roots.repository(), environment, "RestoreSnapshot", arguments.toArray(String[]::new)));
        }
        return worst;
    }
}
