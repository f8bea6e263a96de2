package io.homebudget.migration.gates;

import java.time.Duration;

/** A dual phase has been in use long enough to have shown its faults. */
final class SoakTime implements Gate {

    @Override
    public String name() {
        return "soak_time";
    }

    @Override
    public Check check(Situation situation) {
        if (!situation.state().phase().dual() || situation.rules().soak().isZero()) {
            return open("No soak time is asked for.");
        }
        if (situation.state().phaseSince() == null) {
            return closed("The ledger service does not say since when it is in this phase.", "Look at its notices.");
        }
        Duration in = Duration.between(situation.state().phaseSince(), situation.now());
        Duration left = situation.rules().soak().minus(in);
        return left.isNegative() || left.isZero()
                ? open("In this phase for " + in.toHours() + " h.")
                : closed(
                        "In this phase for " + in.toHours() + " h of "
                                + situation.rules().soak().toHours() + " h.",
                        "Wait until "
                                + situation
                                        .state()
                                        .phaseSince()
                                        .plus(situation.rules().soak()) + ".");
    }
}
