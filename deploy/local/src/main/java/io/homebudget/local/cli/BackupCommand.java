package io.homebudget.local.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.local.home.Refused;
import io.homebudget.local.http.Answer;
import io.homebudget.local.http.JsonHttp;
import io.homebudget.local.move.Jobs;
import io.homebudget.local.move.ProgressLine;
import io.homebudget.local.move.Stopped;
import java.io.Console;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Passes on to backup-service and shows what it answers. */
@Command(
        name = "backup",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(list | create | verify | restore | recover | drill)",
        description = "Snapshots, through backup-service.")
final class BackupCommand implements Runnable {
    private static final String ROOT = "/api/v1/backups";
    private static final String AWAY =
            "backup-service does not answer. See ctl status; start it with ctl start backup.";

    @ParentCommand
    private Ctl ctl;

    @picocli.CommandLine.Spec
    private picocli.CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        throw new picocli.CommandLine.ParameterException(
                spec.commandLine(), "Say what to do: list, create, verify, restore, recover or drill.");
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Shows the snapshots, newest first.")
    int list(@Option(names = "--json", description = "as backup-service answers it") boolean json)
            throws InterruptedException, Stopped {
        if (json) {
            return show("GET", ROOT, null);
        }
        SnapshotTable table = new SnapshotTable(System.out);
        String after = null;
        String note = null;
        do {
            JsonNode page;
            try {
                page = answered("GET", after == null ? ROOT : ROOT + "?after=" + after, null);
            } catch (IOException away) {
                // this is the moment when somebody looks for a snapshot to restore without the services
                System.out.println(AWAY + " What lies in " + ctl.home().backups() + ":");
                SnapshotFolder.list(ctl.home().backups()).forEach(table::row);
                table.end();
                return 1;
            }
            page.path("items").forEach(table::row);
            after = page.path("next").asText(null);
            note = page.path("note").asText(note);
        } while (after != null);
        table.end();
        if (note != null) {
            System.out.println(note);
        }
        return 0;
    }

    @Command(name = "create", mixinStandardHelpOptions = true, description = "Makes a snapshot and waits for it.")
    int create(
            @Option(names = "--comment", defaultValue = "", description = "why, kept with the snapshot") String comment)
            throws InterruptedException, Stopped {
        return show("POST", ROOT, comment.isBlank() ? Map.of() : Map.of("comment", comment));
    }

    @Command(name = "verify", mixinStandardHelpOptions = true, description = "Checks a snapshot against its manifest.")
    int verify(@Parameters(paramLabel = "ID") String id) throws InterruptedException, Stopped {
        return show("POST", ROOT + "/" + id + "/verify", Map.of());
    }

    @Command(
            name = "restore",
            mixinStandardHelpOptions = true,
            description = {
                "Takes the ledger back to a snapshot; at a terminal it asks before it does.",
                "With --offline without the services: they must be stopped."
            })
    int restore(
            @Parameters(paramLabel = "ID") String id,
            @Option(names = "--store", defaultValue = "both", description = "json, postgres or both (default: both)")
                    String store,
            @Option(names = "--kind", defaultValue = "all", description = "expense, income or all (default: all)")
                    String kind,
            @Option(names = "--reason", defaultValue = "", description = "why, for the record") String reason,
            @Option(names = "--yes", description = "do not ask: this is the consent") boolean yes,
            @Option(names = "--offline", description = "into the store that rules, while the services are stopped")
                    boolean offline,
            @Option(
                            names = "--replace-damaged",
                            description = "with --offline: keep a damaged JSON folder aside, and make a new one")
                    boolean replaceDamaged,
            @Option(
                            names = "--accept-loss",
                            description =
                                    "with --replace-damaged: even where PostgreSQL, which may rule, is lost for good")
                    boolean acceptLoss)
            throws InterruptedException, Stopped, IOException {
        if (offline && !store.equals("both")) {
            throw new Refused("--offline restores the store that rules; the other one follows. Leave out --store.");
        }
        String kept = offline ? "the store's log keeps it, no safety snapshot is made" : "a safety snapshot keeps it";
        if (!yes && !consented("snapshot " + id, kept)) {
            System.out.println("Nothing was restored.");
            return 1;
        }
        if (offline) {
            return OfflineRestore.run(
                    ctl.home(), id, PhaseCommands.Kinds.named(kind, true), replaceDamaged, acceptLoss);
        }
        return show(
                "POST",
                ROOT + "/" + id + "/restore",
                Map.of("consent", true, "store", store, "kind", kind, "reason", reason));
    }

    @Command(
            name = "recover",
            mixinStandardHelpOptions = true,
            description =
                    "Takes the ledger back to any moment since the oldest snapshot; at a terminal it asks before it does.")
    int recover(
            @Option(
                            names = "--to",
                            required = true,
                            paramLabel = "MOMENT",
                            description = "an instant such as 2026-01-31T12:00:00Z, or the id of a change")
                    String to,
            @Option(names = "--kind", defaultValue = "all", description = "expense, income or all (default: all)")
                    String kind,
            @Option(names = "--reason", defaultValue = "", description = "why, for the record") String reason,
            @Option(names = "--yes", description = "do not ask: this is the consent") boolean yes)
            throws InterruptedException, Stopped {
        if (!yes && !consented(to, "a safety snapshot keeps it")) {
            System.out.println("Nothing was recovered.");
            return 1;
        }
        return show("POST", ROOT + "/recover", Map.of("consent", true, "to", to, "kind", kind, "reason", reason));
    }

    /** Without a terminal nobody could answer: there, typing the command is the consent. */
    private static boolean consented(String since, String kept) {
        Console console = System.console();
        if (console == null) {
            return true;
        }
        String answer = console.readLine("What was written since %s is taken back (%s). Go on? [yes/no] ", since, kept);
        return "yes".equals(answer);
    }

    @Command(
            name = "drill",
            mixinStandardHelpOptions = true,
            description = "Restores the newest snapshot into a scratch place.")
    int drill() throws InterruptedException, Stopped {
        return show("POST", ROOT + "/drills", Map.of());
    }

    private int show(String method, String path, Object body) throws InterruptedException, Stopped {
        try {
            JsonNode result = ask(method, path, body);
            System.out.println(JsonHttp.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(result));
            boolean bad = "failed".equals(result.path("state").asText())
                    || (result.has("ok") && !result.path("ok").asBoolean());
            return bad ? 1 : 0;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private JsonNode ask(String method, String path, Object body) throws InterruptedException, Stopped {
        try {
            return answered(method, path, body);
        } catch (IOException e) {
            throw new Refused(AWAY);
        }
    }

    /** What is answered; for what takes long, what came of it in the end. Fails with an IOException where nobody answers. */
    private JsonNode answered(String method, String path, Object body)
            throws IOException, InterruptedException, Stopped {
        JsonHttp http = ctl.http("backup", "operator", Duration.ofMinutes(2));
        Answer answer = method.equals("GET") ? http.get(path) : http.post(path, body);
        if (answer.status() == 405 || answer.status() == 501) {
            throw new Refused("backup-service does not offer this (" + method + " " + path + " answers "
                    + answer.reason() + ").");
        }
        if (!answer.ok()) {
            throw new Refused("backup-service answers " + answer.reason());
        }
        JsonNode result = answer.json();
        if (answer.status() == 202) {
            String job = answer.location() != null && answer.location().startsWith("/")
                    ? answer.location()
                    : "/api/v1/backup-jobs/" + result.path("id").asText();
            // what is answered goes to the other stream alone, so that a script can read it as JSON
            result = new Jobs(http, new ProgressLine(System.err, ProgressLine.onTerminal())).follow("backup", job);
        }
        return result;
    }
}
