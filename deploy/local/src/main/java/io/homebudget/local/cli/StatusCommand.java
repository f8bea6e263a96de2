package io.homebudget.local.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.InternalApi;
import io.homebudget.local.control.ControlClient;
import io.homebudget.local.home.Home;
import io.homebudget.local.http.Answer;
import io.homebudget.local.http.JsonHttp;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Processes and, per kind, where the ledger stands; from the ledger services themselves where migration-service is away. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Shows processes and where each kind stands. Status 1 when no up runs on the home.")
final class StatusCommand implements Callable<Integer> {
    private static final List<String> WELL = List.of("connected", "unused", "closed", "not_configured");

    private static final Duration LIMIT = Duration.ofSeconds(5);

    @ParentCommand
    private Ctl ctl;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Home home = ctl.home();
        ObjectNode all = JsonHttp.MAPPER.createObjectNode();
        all.put("home", home.folder().toString());
        home.lastPorts().ifPresent(ports -> all.put("url", ports.url("front-door")));
        Optional<ControlClient> control = ControlClient.of(home);
        all.put("up", control.isPresent());
        if (control.isPresent()) {
            all.set("processes", control.get().status().json());
            all.set("ledgers", ledgers());
        }
        System.out.println(json ? pretty(all) : text(all));
        return control.isPresent() ? 0 : 1;
    }

    private ObjectNode ledgers() throws InterruptedException {
        ObjectNode ledgers = JsonHttp.MAPPER.createObjectNode();
        for (Kind kind : Kind.values()) {
            JsonNode found =
                    ask("migration", "viewer", "/api/v1/migration/status").path(kind.word());
            if (!found.isObject()) {
                found = ask(kind.word(), "service", InternalApi.ROOT + "/state");
            }
            ledgers.set(kind.word(), found.isObject() ? found : JsonHttp.MAPPER.createObjectNode());
        }
        return ledgers;
    }

    private JsonNode ask(String member, String token, String path) throws InterruptedException {
        try {
            Answer answer = ctl.http(member, token, LIMIT).get(path);
            return answer.ok() ? answer.json() : JsonHttp.MAPPER.missingNode();
        } catch (IOException e) {
            return JsonHttp.MAPPER.missingNode();
        }
    }

    private static String pretty(ObjectNode all) throws JsonProcessingException {
        return JsonHttp.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(all);
    }

    private static String text(ObjectNode all) {
        StringBuilder text = new StringBuilder();
        text.append("home  ").append(all.path("home").asText()).append('\n');
        text.append("url   ").append(all.path("url").asText("none yet")).append("\n\n");
        if (!all.path("up").asBoolean()) {
            return text.append("Nothing runs on this home. Start it with deploy/local/up --home ")
                    .append(all.path("home").asText())
                    .toString();
        }
        ArrayNode processes = (ArrayNode) all.path("processes");
        row(text, "process", "state", "pid", "restarts", "");
        for (JsonNode process : processes) {
            row(
                    text,
                    process.path("name").asText(),
                    process.path("state").asText(),
                    process.path("pid").asLong() == 0
                            ? "-"
                            : process.path("pid").asText(),
                    process.path("restarts").asText(),
                    process.path("detail").asText());
        }
        text.append('\n');
        row(text, "kind", "phase", "json", "postgres", "follower");
        for (Kind kind : Kind.values()) {
            JsonNode ledger = all.path("ledgers").path(kind.word());
            if (!ledger.hasNonNull("phase")) {
                row(text, kind.word(), "not known", "-", "-", "the service does not say");
                continue;
            }
            row(
                    text,
                    kind.word(),
                    ledger.path("phase").asText(),
                    count(ledger.path("entries").path("json")),
                    count(ledger.path("entries").path("postgres")),
                    follower(ledger));
            unwell(text, ledger);
            long rejected = ledger.path("rejected").asLong();
            if (rejected > 0) {
                line(text, rejected + " records of the file were no entries: data/" + kind.word() + "/rejected.ndjson");
            }
            for (JsonNode blocked : ledger.path("blocked_by")) {
                line(
                        text,
                        "next phase blocked: "
                                + blocked.path("reason").asText(blocked.asText()) + " "
                                + blocked.path("advice").asText(""));
            }
        }
        return text.toString().stripTrailing();
    }

    private static String follower(JsonNode ledger) {
        if (!ledger.hasNonNull("follower")) {
            return "none";
        }
        String name = ledger.path("follower").asText();
        String state = ledger.path("follower_state").asText("following");
        if (ledger.path("in_sync").asBoolean() && state.equals("following")) {
            return name + ", in sync";
        }
        // one that is away may have missed more than is counted
        return name + (state.equals("following") ? "" : ", " + state.replace('_', ' ')) + ", "
                + ledger.path("follower_lag").asLong() + " changes behind";
    }

    /** A store that is in use and does not answer: with PostgreSQL ruling alone nothing else tells of it. */
    private static void unwell(StringBuilder text, JsonNode ledger) {
        ledger.path("stores").fields().forEachRemaining(store -> {
            if (!WELL.contains(store.getValue().asText())) {
                line(
                        text,
                        (store.getKey().equals("json") ? "the JSON store is " : "PostgreSQL is ")
                                + store.getValue().asText());
            }
        });
    }

    private static void line(StringBuilder text, String said) {
        text.append("            ").append(said).append('\n');
    }

    private static String count(JsonNode node) {
        return node.isNumber() ? node.asText() : "-";
    }

    private static void row(StringBuilder text, String a, String b, String c, String d, String e) {
        text.append(String.format(Locale.ROOT, "%-11s %-15s %-9s %-9s %s", a, b, c, d, e)
                        .stripTrailing())
                .append('\n');
    }
}
