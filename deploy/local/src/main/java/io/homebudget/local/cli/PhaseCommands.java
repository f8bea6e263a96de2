package io.homebudget.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.InternalApi;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.local.home.Refused;
import io.homebudget.local.http.Answer;
import io.homebudget.local.http.JsonHttp;
import io.homebudget.local.move.Jobs;
import io.homebudget.local.move.ProgressLine;
import io.homebudget.local.move.Runs;
import io.homebudget.local.move.Stopped;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Moving between phases. Typing the command is the consent. */
final class PhaseCommands {
    private PhaseCommands() {}

    @Command(
            name = "run",
            mixinStandardHelpOptions = true,
            description = "Takes a kind to another phase, step by step through the ones between, and waits.")
    static final class Run implements Callable<Integer> {
        @ParentCommand
        private Ctl ctl;

        @Option(names = "--kind", required = true, paramLabel = "K", description = "expense, income or all")
        private String kind;

        @Option(
                names = "--to",
                required = true,
                paramLabel = "PHASE",
                description = "JSON_ONLY, DUAL_WRITE, DATABASE_READS or DATABASE_ONLY")
        private Phase target;

        @Option(names = "--reason", defaultValue = "ctl run", description = "kept with the run")
        private String reason;

        @Override
        public Integer call() throws Stopped, InterruptedException {
            ProgressLine progress = new ProgressLine(System.out, ProgressLine.onTerminal());
            Runs runs = new Runs(ctl.http("migration", "operator", Duration.ofSeconds(60)), progress);
            for (Kind one : Kinds.named(kind, true)) {
                Phase phase = runs.phase(one);
                if (phase == target) {
                    System.out.println(one.word() + " is in " + target + " already");
                }
                while (phase != target) {
                    Phase next = target.ordinal() > phase.ordinal()
                            ? phase.next().orElseThrow()
                            : phase.previous().orElseThrow();
                    long began = System.nanoTime();
                    JsonNode run = runs.take(one, next, reason);
                    progress.done(String.format(
                            Locale.ROOT,
                            "%s is in %s (%.1f s, %d rejected)",
                            one.word(),
                            next,
                            (System.nanoTime() - began) / 1e9,
                            run.path("rejected").asLong()));
                    phase = next;
                }
            }
            return 0;
        }
    }

    @Command(
            name = "rollback",
            mixinStandardHelpOptions = true,
            description = {
                "Takes a kind one phase back.",
                "Works with migration-service, Kafka and PostgreSQL away: then the ledger service is told directly."
            })
    static final class Rollback implements Callable<Integer> {
        /** A status answer takes milliseconds; a service that hangs must not hold up a rollback. */
        private static final Duration PATIENCE = Duration.ofSeconds(3);

        private static final Duration LIMIT = Duration.ofSeconds(60);

        @ParentCommand
        private Ctl ctl;

        @Option(names = "--kind", required = true, paramLabel = "K", description = "expense, income or all")
        private String kind;

        @Option(
                names = "--accept-loss",
                description = "go back even where writes that only the lost primary holds may be lost")
        private boolean acceptLoss;

        @Override
        public Integer call() throws Stopped, InterruptedException {
            for (Kind one : Kinds.named(kind, true)) {
                String why = migrationAway();
                if (why == null) {
                    why = throughMigration(one);
                }
                if (why != null) {
                    System.out.println(why + "; telling the " + one.word() + " service directly");
                    directly(one);
                }
            }
            return 0;
        }

        /** @return null when it answers */
        private String migrationAway() throws InterruptedException {
            try {
                Answer answer = ctl.http("migration", "operator", PATIENCE).get("/api/v1/migration/status");
                return answer.ok() ? null : "migration-service answers " + answer.reason();
            } catch (IOException e) {
                return "migration-service does not answer";
            }
        }

        /** @return null when done; else why the direct way is to be tried */
        private String throughMigration(Kind one) throws Stopped, InterruptedException {
            JsonHttp http = ctl.http("migration", "operator", LIMIT);
            ProgressLine progress = new ProgressLine(System.out, ProgressLine.onTerminal());
            try {
                Answer answer = http.post(
                        "/api/v1/migration/rollback",
                        Map.of("kind", one.word(), "consent", true, "accept_loss", acceptLoss));
                if (answer.status() >= 500 || answer.status() == 404) {
                    return "migration-service answers " + answer.reason();
                }
                if (!answer.ok()) {
                    throw new Stopped("going back was refused: " + answer.reason());
                }
                JsonNode id = answer.json().path("id");
                if (id.isValueNode() && !id.isNull()) {
                    JsonNode run = new Jobs(http, progress)
                            .follow("rollback of " + one.word(), "/api/v1/migration/runs/" + id.asText());
                    if (!"succeeded".equals(run.path("state").asText())) {
                        throw new Stopped("the rollback of " + one.word() + " "
                                + run.path("state").asText() + ": "
                                + run.path("error").asText(""));
                    }
                }
                progress.done(one.word() + " is one phase back");
                if (answer.json().hasNonNull("warning")) {
                    System.out.println(
                            "  warning: " + answer.json().path("warning").asText());
                }
                return null;
            } catch (IOException e) {
                return "migration-service stopped answering";
            }
        }

        private void directly(Kind one) throws Stopped, InterruptedException {
            JsonHttp http = ctl.http(one.word(), "service", LIMIT);
            try {
                Answer state = http.get(InternalApi.ROOT + "/state");
                if (!state.ok() || !state.json().hasNonNull("phase")) {
                    throw new Stopped(
                            "The " + one.word() + " service does not say its phase (" + state.reason() + ").");
                }
                Phase phase = Phase.valueOf(state.json().path("phase").asText());
                Phase target = phase.previous()
                        .orElseThrow(
                                () -> new Stopped(one.word() + " is in JSON_ONLY, there is nothing to go back to."));
                Map<String, Object> change = new HashMap<>();
                change.put("target", target.name());
                change.put("expected_epoch", state.json().path("epoch").asLong());
                change.put("accept_loss", acceptLoss);
                change.put("actor", "operator");
                change.put("reason", "ctl rollback");
                Answer answer = http.post(InternalApi.ROOT + "/phase", change);
                if (!answer.ok()) {
                    throw new Stopped(
                            "Going back from " + phase + " was refused: " + answer.reason()
                                    + (acceptLoss
                                            ? ""
                                            : " If the primary is lost for good, --accept-loss goes back without what only it holds."));
                }
                System.out.println(one.word() + " went from " + phase + " to "
                        + answer.json().path("phase").asText(target.name()));
                if (answer.json().hasNonNull("warning")) {
                    System.out.println(
                            "  warning: " + answer.json().path("warning").asText());
                }
            } catch (IOException e) {
                throw new Stopped("The " + one.word() + " service does not answer either (" + e.getMessage()
                        + "). Start it with ctl start " + one.word() + "; it needs neither PostgreSQL nor Kafka.");
            }
        }
    }

    /** Reads {@code --kind}. */
    static final class Kinds {
        private Kinds() {}

        static List<Kind> named(String word, boolean allowAll) {
            if (allowAll && word.equals("all")) {
                return List.of(Kind.values());
            }
            return List.of(Kind.ofWord(word)
                    .orElseThrow(() -> new Refused(
                            "--kind " + word + ": it is expense or income" + (allowAll ? ", or all" : "") + ".", 2)));
        }
    }
}
