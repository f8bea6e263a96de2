package io.homebudget.migration.gates;

import io.homebudget.ledger.phase.Phase;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which phases one step leads to: the neighbours of the one that rules, and no other (A15). */
public final class Reach {
    private Reach() {}

    /** The names of both neighbours, or of the only one. */
    public static String neighbours(Phase phase) {
        return Stream.of(phase.previous(), phase.next())
                .flatMap(Optional::stream)
                .map(Phase::name)
                .collect(Collectors.joining(" and "));
    }

    /** @return the phase of that name, where one step leads from {@code ruling} to it */
    public static Optional<Phase> inOneStep(Phase ruling, String name) {
        return Arrays.stream(Phase.values())
                .filter(phase -> phase.name().equals(name) && ruling.isNeighbourOf(phase))
                .findFirst();
    }

    /** What is told of a target to which no step leads: never safe, and nothing else has to be looked at. */
    public static List<Check> beyond(Phase ruling, String name) {
        boolean rules = ruling.name().equals(name);
        return List.of(Check.closed(
                "target_is_neighbour",
                rules
                        ? ruling + " rules already."
                        : "One step leads from " + ruling + " to its neighbours only, and " + name
                                + " is none of them.",
                "Ask for " + neighbours(ruling).replace(" and ", " or ") + "."));
    }

    /** What is told while nobody knows which phase rules. */
    public static List<Check> unknown() {
        return List.of(Check.waiting(
                "phase_known",
                "The phase is not known now: its deciding store is away.",
                "Look at /ready of the ledger service and bring back the store that it names."));
    }
}
