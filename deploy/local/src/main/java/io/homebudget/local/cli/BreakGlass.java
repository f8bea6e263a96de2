package io.homebudget.local.cli;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.local.breakglass.PostgresExport;
import io.homebudget.local.breakglass.StorageTool;
import io.homebudget.local.home.Credentials;
import io.homebudget.local.home.Home;
import io.homebudget.local.home.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What works on the files and the database themselves, with every service away. */
final class BreakGlass {
    private BreakGlass() {}

    @Command(
            name = "journal",
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "inspect",
            description = "Looks into the journal of the JSON store, read-only, without the services.")
    static final class Journal implements Runnable {
        @ParentCommand
        private Ctl ctl;

        @Spec
        private CommandSpec spec;

        @Override
        public void run() {
            throw new ParameterException(spec.commandLine(), "Say what to do: inspect.");
        }

        @Command(
                name = "inspect",
                mixinStandardHelpOptions = true,
                description = {
                    "Prints what the journal holds and where it is damaged.",
                    "Status 0: whole. 1: torn or damaged somewhere, or there is none."
                })
        int inspect(
                @Option(names = "--kind", paramLabel = "K", description = "expense or income; default: both")
                        String kind,
                @Option(names = "--content", description = "show the records' content too; it is personal")
                        boolean content)
                throws IOException {
            int worst = 0;
            for (Kind one : kinds(kind)) {
                Path folder = ctl.home().data(one);
                System.out.println(one.word() + ": " + folder);
                int status = content
                        ? StorageTool.run(Roots.repository(), "InspectJournal", folder.toString(), "--content")
                        : StorageTool.run(Roots.repository(), "InspectJournal", folder.toString());
                worst = Math.max(worst, status);
            }
            return worst;
        }
    }

    private static List<Kind> kinds(String word) {
        return word == null ? List.of(Kind.values()) : PhaseCommands.Kinds.named(word, false);
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = {
                "Writes the entries as the array files that Home Budget's old backend reads, without the services.",
                "A file that exists is never overwritten."
            })
    static final class Export implements Callable<Integer> {
        enum From {
            postgres,
            json
        }

        /** What is to be written where, found out before anything is. */
        private record Order(Kind kind, From from, Path file) {}

        @ParentCommand
        private Ctl ctl;

        @Option(names = "--kind", paramLabel = "K", description = "expense or income; default: both")
        private String kind;

        @Option(
                names = "--from",
                paramLabel = "STORE",
                description =
                        "postgres or json; default: by the phase that the kind's data folder records, PostgreSQL in"
                                + " DATABASE_READS and DATABASE_ONLY, else the JSON store")
        private From from;

        @Option(
                names = "--out",
                paramLabel = "PATH",
                description =
                        "a folder, for expenses.json and incomes.json in it, or the file itself where there is one"
                                + " --kind; default: the current folder")
        private Path out;

        @Override
        public Integer call() throws IOException {
            Home home = ctl.home();
            List<Order> orders = new ArrayList<>();
            for (Kind one : kinds(kind)) {
                Path file = file(one);
                orders.add(new Order(one, from == null ? recorded(home, one) : from, file));
            }
            int worst = 0;
            for (Order order : orders) {
                worst = Math.max(worst, write(home, order));
            }
            return worst;
        }

        private Path file(Kind one) {
            Path file = out;
            if (out == null || Files.isDirectory(out)) {
                file = (out == null ? Path.of("") : out).resolve(one.arrayFileName());
            } else if (kind == null) {
                throw new Refused("--out " + out + " is no folder, and two kinds cannot go into one file. Name a folder"
                        + " that exists, or one --kind.");
            }
            file = file.toAbsolutePath().normalize();
            if (Files.exists(file)) {
                throw new Refused(file + " exists, and nothing was written. Move it away, or name another with --out.");
            }
            if (!Files.isDirectory(file.getParent())) {
                throw new Refused(file.getParent() + " is no folder. Make it, or name another with --out.");
            }
            return file;
        }

        /** The primary's store in the recorded phase: what it holds is what was acknowledged. */
        private static From recorded(Home home, Kind one) throws IOException {
            String phase = StorageTool.ask(
                            Roots.repository(),
                            "RecordedPhase",
                            one.word(),
                            home.data(one).toString())
                    .orElseThrow(() -> new Refused("Which store has the " + one.plural()
                            + " cannot be known, see above; nothing was written. Say it with --from postgres or"
                            + " --from json."));
            return Phase.valueOf(phase).primary() == StoreName.POSTGRES ? From.postgres : From.json;
        }

        private static int write(Home home, Order order) throws IOException {
            String what = order.kind().plural();
            if (order.from() == From.postgres) {
                try {
                    long entries =
                            PostgresExport.write(new Credentials(home).postgresUrl(), order.kind(), order.file());
                    System.out.println(entries + " " + what + " from PostgreSQL -> " + order.file());
                    return 0;
                } catch (SQLException e) {
                    throw new Refused("PostgreSQL does not give the " + what + ": " + e.getMessage()
                            + ". Start it with ctl start postgres.");
                }
            }
            int status = StorageTool.run(
                    Roots.repository(),
                    "ExportFiles",
                    order.kind().word(),
                    home.data(order.kind()).toString(),
                    order.file().toString());
            if (status == 0) {
                System.out.println(what + " from the JSON store -> " + order.file());
            }
            return status;
        }
    }
}
