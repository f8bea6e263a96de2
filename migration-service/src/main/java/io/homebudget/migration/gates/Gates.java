package io.homebudget.migration.gates;

import java.util.List;

/** Which gates stand before a step. This list is the whole of it. */
public final class Gates {

    /** Before a step towards the database. */
    private static final List<Gate> FORWARD = List.of(
            new StoresReachable(),
            new SchemaCurrent(),
            new FollowerCaughtUp(),
            new BackfillComplete(),
            new VerificationClean(),
            new NoOpenDiscrepancies(),
            new FreshSnapshot(),
            new DiskSpace(),
            new EventRetention(),
            new OneReplica(),
            new SoakTime(),
            new PhaseNotPinned(),
            new NoActiveOperation(),
            new Consent());

    /** Going back needs consent, and a JSON side that was not given up, is one, and is in sync or can be brought there. */
    private static final List<Gate> BACKWARD = List.of(
            new WayBackOpen(),
            new JsonInSync(),
            new OneReplica(),
            new PhaseNotPinned(),
            new NoActiveOperation(),
            new Consent());

    private Gates() {}

    /** All checks of the step, in the order in which a person should look at them. */
    public static List<Check> check(Situation situation) {
        return (situation.forward() ? FORWARD : BACKWARD)
                .stream().map(gate -> gate.check(situation)).toList();
    }

    public static List<Check> closed(List<Check> checks) {
        return checks.stream().filter(check -> !check.ok()).toList();
    }

    /** Whether gates are closed and each of them may open by itself within moments. */
    public static boolean onlyPassing(List<Check> checks) {
        List<Check> closed = closed(checks);
        return !closed.isEmpty() && closed.stream().allMatch(Check::passing);
    }
}
