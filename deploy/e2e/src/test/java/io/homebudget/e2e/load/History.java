package io.homebudget.e2e.load;

import io.homebudget.e2e.load.Operation.Outcome;
import io.homebudget.e2e.load.Operation.Verb;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the clients did.
 *
 * @param initial per kind what was there before
 */
public record History(List<Operation> operations, Map<String, Map<Long, Row>> initial) {

    public List<Operation> of(String kind) {
        return operations.stream()
                .filter(operation -> operation.kind.equals(kind))
                .toList();
    }

    /** Requests that did not get the answer which a healthy system gives. */
    public List<Operation> failed() {
        return operations.stream()
                .filter(operation -> !operation.acknowledged() && operation.outcome() != Outcome.ABSENT)
                .toList();
    }

    public List<Operation> wrong() {
        return operations.stream()
                .filter(operation -> operation.outcome() == Outcome.WRONG)
                .toList();
    }

    public Operation longest() {
        return operations.stream()
                .max((a, b) -> Double.compare(a.millis(), b.millis()))
                .orElseThrow();
    }

    public double longestMillis() {
        return longest().millis();
    }

    /** How late this machine sent a request at worst: its own stalls are not the system's. */
    public double latestSentMillis() {
        return operations.stream().mapToDouble(Operation::lateMillis).max().orElse(0);
    }

    /** The seconds in which requests were sent that took longer than so many milliseconds, each with its longest. */
    public List<String> slowMoments(double millis) {
        Map<Instant, List<Operation>> slow = operations.stream()
                .filter(operation -> operation.millis() > millis)
                .collect(Collectors.groupingBy(
                        operation -> operation.at.truncatedTo(ChronoUnit.SECONDS), TreeMap::new, Collectors.toList()));
        List<String> moments = new ArrayList<>();
        slow.forEach((second, of) -> moments.add(String.format(
                Locale.ROOT,
                "%s: %d, the longest %.0f ms (%s)",
                second,
                of.size(),
                of.stream().mapToDouble(Operation::millis).max().orElseThrow(),
                of.stream()
                        .collect(Collectors.groupingBy(
                                operation -> operation.kind + " " + operation.verb,
                                TreeMap::new,
                                Collectors.counting())))));
        return moments;
    }

    public String summary() {
        Map<Outcome, Long> outcomes = operations.stream()
                .collect(Collectors.groupingBy(
                        Operation::outcome, () -> new EnumMap<>(Outcome.class), Collectors.counting()));
        Map<Verb, Long> verbs = operations.stream()
                .filter(Operation::acknowledged)
                .collect(Collectors.groupingBy(
                        operation -> operation.verb, () -> new EnumMap<>(Verb.class), Collectors.counting()));
        double[] millis =
                operations.stream().mapToDouble(Operation::millis).sorted().toArray();
        return String.format(
                Locale.ROOT,
                "%d requests, %s; acknowledged %s; p50 %.0f ms, p99 %.0f ms, longest %.0f ms (sent up to %.0f ms late)",
                operations.size(),
                outcomes,
                verbs,
                at(millis, 0.5),
                at(millis, 0.99),
                at(millis, 1),
                latestSentMillis());
    }

    private static double at(double[] sorted, double quantile) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.min(sorted.length - 1, quantile * sorted.length)];
    }

    /** The first of many, for a message that a person can read. */
    public static String some(Collection<?> found) {
        return found.size() + " found" + (found.isEmpty() ? "" : ", the first:\n  ")
                + found.stream().limit(15).map(String::valueOf).collect(Collectors.joining("\n  "));
    }
}
