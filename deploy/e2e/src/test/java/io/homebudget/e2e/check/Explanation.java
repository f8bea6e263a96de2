package io.homebudget.e2e.check;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.e2e.load.History;
import io.homebudget.e2e.load.Operation;
import io.homebudget.e2e.load.Operation.Outcome;
import io.homebudget.e2e.load.Operation.Verb;
import io.homebudget.e2e.load.Row;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Explains what a store holds by what clients were told: every acknowledged write is there unless a later one, or one at the
 * same time, went over it; of the unknown ones any subset; of the refused ones none.
 *
 * <p>Per entry and field this is a register with unique values: the value names its writer, and no acknowledged write of the
 * field may have begun after that writer's effect was certain.
 */
public final class Explanation {
    private final String kind;
    private final Map<Long, Row> initial;
    private final List<Operation> operations;
    private final Map<Long, List<Operation>> byEntry = new HashMap<>();
    private final Map<Long, Operation> creators = new HashMap<>();
    private final Map<String, Operation> creates = new HashMap<>();
    private final List<String> problems = new ArrayList<>();

    private Explanation(String kind, History history) {
        this.kind = kind;
        this.initial = history.initial().get(kind);
        this.operations = history.of(kind);
        for (Operation operation : operations) {
            operation.ids.forEach(id -> on(id).add(operation));
            if (operation.verb == Verb.CREATE) {
                creates.put(operation.fields.get(Row.MARK), operation);
                if (operation.acknowledged() && creators.put(operation.createdId(), operation) != null) {
                    problems.add("the id was given twice: " + operation);
                }
                if (operation.acknowledged() && initial.containsKey(operation.createdId())) {
                    problems.add("the id of an entry that was there: " + operation);
                }
            }
        }
    }

    private List<Operation> on(long id) {
        return byEntry.computeIfAbsent(id, none -> new ArrayList<>());
    }

    /** @return what cannot be explained, in words; empty where all can */
    public static List<String> ofEnd(String kind, History history, Map<Long, Row> end) {
        Explanation explanation = new Explanation(kind, history);
        explanation.end(end);
        explanation.sets(end);
        return explanation.problems;
    }

    /** The same for every answer: reads while it went on, and the entry in the answer to a write. */
    public static List<String> ofAnswers(String kind, History history) {
        Explanation explanation = new Explanation(kind, history);
        explanation.answers();
        return explanation.problems;
    }

    private void end(Map<Long, Row> end) {
        Map<String, Row> marks = new HashMap<>();
        for (Row row : end.values()) {
            Operation create = creator(row);
            if (create != null) {
                Row twin = marks.put(row.fields().get(Row.MARK), row);
                if (twin != null) {
                    problems.add("duplicate: " + twin + " and " + row);
                }
            }
            if (!initial.containsKey(row.id()) && (create == null || !create.possible())) {
                problems.add("came from nowhere: " + row + (create == null ? "" : ", " + create));
                continue;
            }
            on(row.id()).stream()
                    .filter(operation -> operation.deletes() && operation.acknowledged())
                    .forEach(operation -> problems.add("came back: " + row + " after " + operation));
            fields(row, Long.MAX_VALUE, "at the end");
        }
        for (long id : all()) {
            if (!end.containsKey(id) && on(id).stream().noneMatch(one -> one.deletes() && one.possible())) {
                problems.add("lost: entry " + id + " " + (creators.get(id) == null ? "(initial)" : creators.get(id))
                        + ", asked of it: " + on(id));
            }
        }
    }

    private List<Long> all() {
        List<Long> all = new ArrayList<>(initial.keySet());
        all.addAll(creators.keySet());
        return all;
    }

    /** The create that this row's mark names; null for an initial one. */
    private Operation creator(Row row) {
        return initial.containsKey(row.id()) ? null : creates.get(row.fields().get(Row.MARK));
    }

    /** @param before only what was certain before counts against a value */
    private void fields(Row row, long before, String when) {
        Map<String, String> base = base(row);
        if (!base.keySet().equals(row.fields().keySet()) && initial.containsKey(row.id())) {
            problems.add("other fields than before: " + row);
        }
        row.fields().forEach((field, value) -> {
            List<Operation> writers = on(row.id()).stream()
                    .filter(one -> one.fields.containsKey(field))
                    .toList();
            long certain = Long.MIN_VALUE;
            if (!base.containsKey(field) ? !defaulted(field, value) : !Objects.equals(base.get(field), value)) {
                Operation writer = writers.stream()
                        .filter(one -> one.fields.get(field).equals(value))
                        .findFirst()
                        .orElse(null);
                if (writer == null) {
                    problems.add(when + ", nobody wrote " + field + " = " + value + ": " + row);
                    return;
                }
                if (!writer.possible()) {
                    problems.add(when + ", written although it was said not to be: " + writer);
                    return;
                }
                certain = writer.effectUntil();
            }
            for (Operation later : writers) {
                if (later.acknowledged() && later.due > certain && later.ended() < before) {
                    problems.add(when + ", lost: " + later + ", found " + row);
                }
            }
        });
    }

    private Map<String, String> base(Row row) {
        Operation create = creator(row);
        return initial.containsKey(row.id())
                ? initial.get(row.id()).fields()
                : create == null ? new TreeMap<>() : create.fields;
    }

    private static boolean defaulted(String field, String value) {
        return field.equals("currency") ? "\u20aa".equals(value) : value == null;
    }

    private void answers() {
        for (Operation operation : operations) {
            if (operation.outcome() == Outcome.ABSENT) {
                for (long id : operation.ids) {
                    boolean explained = on(id).stream()
                            .anyMatch(one ->
                                    one.deletes() && one != operation && one.possible() && one.due < operation.ended());
                    boolean again = operation.verb == Verb.DELETE || operation.verb == Verb.BULK_DELETE;
                    if (!explained && !again) {
                        problems.add("not found although nobody deleted it: " + operation);
                    }
                }
            }
            if (operation.acknowledged() && operation.verb == Verb.BULK_DELETE) {
                continue;
            }
            JsonNode body = operation.body();
            if (operation.acknowledged() && body != null && body.isObject()) {
                answer(operation, Row.of(body));
            }
        }
    }

    private void answer(Operation operation, Row row) {
        if (operation.verb == Verb.READ) {
            for (Operation one : on(row.id())) {
                if (one.deletes() && one.acknowledged() && one.ended() < operation.due) {
                    problems.add("read after it was deleted: " + operation + " after " + one);
                }
            }
        }
        operation.fields.forEach((field, value) -> {
            if (!Objects.equals(row.fields().get(field), value)) {
                problems.add("the answer does not show what was written: " + operation + " answered " + row);
            }
        });
        fields(row, operation.due, "in the answer to " + operation);
    }

    /** A bulk delete of unknown outcome has happened whole or not at all. */
    private void sets(Map<Long, Row> end) {
        for (Operation operation : operations) {
            if (operation.verb != Verb.BULK_DELETE || !operation.possible()) {
                continue;
            }
            List<Long> alone = operation.ids.stream()
                    .filter(id -> on(id).stream().noneMatch(one -> one != operation && one.deletes()))
                    .toList();
            long left = alone.stream().filter(end::containsKey).count();
            if (left != 0 && left != alone.size()) {
                problems.add("a set was torn: " + operation + ", still there: "
                        + alone.stream().filter(end::containsKey).toList());
            }
        }
    }

    @Override
    public String toString() {
        return kind + ": " + History.some(problems);
    }
}
