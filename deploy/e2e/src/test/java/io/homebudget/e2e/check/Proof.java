package io.homebudget.e2e.check;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.e2e.load.History;
import io.homebudget.e2e.load.Row;
import io.homebudget.e2e.stack.Moves;
import io.homebudget.e2e.stack.Stack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What must hold once everything is back, whatever happened: asked of every store and of the topic, by an own reading. */
public final class Proof {
    private static final Duration SETTLE_LIMIT = Duration.ofSeconds(60);

    private final Stack stack;
    private final Moves moves;

    public Proof(Stack stack, Moves moves) {
        this.stack = stack;
        this.moves = moves;
    }

    /** @return everything that does not hold; needs all processes, in any phase */
    public List<String> problems(History history) throws Exception {
        List<String> problems = new ArrayList<>();
        Map<String, Map<Long, Row>> served = new HashMap<>();
        for (String kind : history.initial().keySet()) {
            String phase = moves.phase(kind);
            boolean dual = phase.equals("DUAL_WRITE") || phase.equals("DATABASE_READS");
            if (dual) {
                moves.awaitCaughtUp(kind, SETTLE_LIMIT);
            }
            moves.awaitPublished(kind, SETTLE_LIMIT);
            Map<Long, Row> rows = Stores.served(stack, kind);
            served.put(kind, rows);
            JsonNode verification = moves.verify(kind);
            if (!verification.path("state").asText().equals("succeeded")
                    || verification.path("differences").asLong(-1) != 0) {
                problems.add("verification of " + kind + ": " + verification);
            }
            if (!phase.equals("JSON_ONLY")) {
                same(kind + ", the list and the rows of PostgreSQL", rows, Stores.postgres(stack, kind), problems);
                problems.addAll(Stores.changeLogProblems(stack, kind));
            }
            problems.addAll(Explanation.ofAnswers(kind, history));
            problems.addAll(Explanation.ofEnd(kind, history, rows));
            problems.addAll(Events.read(stack, kind).problems(history, rows, true));
        }
        history.wrong().forEach(operation -> problems.add("an answer that no request may get: " + operation));
        return problems;
    }

    /** @return what the files do not hold; after {@code ctl down} in a phase in which JSON takes part */
    public List<String> fileProblems(String kind, Map<Long, Row> served) throws Exception {
        List<String> problems = new ArrayList<>(Stores.oldFormatProblems(kind, stack.array(kind)));
        same(kind + ", the list and the file", served, Stores.file(stack.array(kind)), problems);
        return problems;
    }

    private static void same(String what, Map<Long, Row> one, Map<Long, Row> other, List<String> problems) {
        one.forEach((id, row) -> {
            if (!row.equals(other.get(id))) {
                problems.add(what + " differ: " + row + " and " + other.get(id));
            }
        });
        other.forEach((id, row) -> {
            if (!one.containsKey(id)) {
                problems.add(what + " differ: nothing and " + row);
            }
        });
    }
}
