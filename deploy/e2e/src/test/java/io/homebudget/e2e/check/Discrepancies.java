package io.homebudget.e2e.check;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.e2e.stack.Api;
import io.homebudget.e2e.stack.Stack;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;

/** What migration-service has found, as an operator sees it. */
public final class Discrepancies {
    private static final String ROOT = "/api/v1/migration";
    /** A repair takes some tenths of a second on a busy machine. */
    private static final Duration LIMIT_EACH = Duration.ofSeconds(2);

    private static final Duration LIMIT_LEAST = Duration.ofSeconds(60);

    private final Api migration;
    private final String kind;

    public Discrepancies(Stack stack, String kind) throws IOException {
        this.migration = Api.of(stack, "migration", "operator").patient();
        this.kind = kind;
    }

    /** One that was found. @param fields names in their order, joined by spaces */
    public record Found(long entry, String type, String damaged, String place, String fields) {}

    /** All of a state, newest first; a null state means every one that ever was. */
    public List<JsonNode> all(String state) throws IOException, InterruptedException {
        List<JsonNode> all = new ArrayList<>();
        String next = "";
        while (next != null) {
            JsonNode page = migration
                    .get(ROOT + "/discrepancies?limit=500&kind=" + kind + (state == null ? "" : "&state=" + state)
                            + next)
                    .must(200)
                    .json();
            page.path("items").forEach(all::add);
            next = page.hasNonNull("next") ? "&after=" + page.path("next").asText() : null;
        }
        return all;
    }

    public List<Found> found(String state) throws IOException, InterruptedException {
        List<Found> found = new ArrayList<>();
        for (JsonNode one : all(state)) {
            List<String> fields = new ArrayList<>();
            one.path("fields").forEach(field -> fields.add(field.asText()));
            found.add(new Found(
                    one.path("entry_id").asLong(),
                    one.path("type").asText(),
                    one.path("damaged").asText(),
                    one.path("place").asText(),
                    String.join(" ", fields)));
        }
        return found;
    }

    /** Orders the repair of all and follows it to its end. */
    public JsonNode repairAll() throws IOException, InterruptedException {
        Duration limit = LIMIT_LEAST.plus(LIMIT_EACH.multipliedBy(all("open").size()));
        String id = migration
                .post(ROOT + "/discrepancies/repair", Map.of("kind", kind, "reason", "e2e"))
                .must(202)
                .json()
                .path("id")
                .asText();
        JsonNode[] order = new JsonNode[1];
        Awaitility.await("repair of " + kind).atMost(limit).until(() -> !(order[0] =
                        migration.get(ROOT + "/repairs/" + id).must(200).json())
                .path("state")
                .asText()
                .equals("running"));
        return order[0];
    }
}
