package io.homebudget.migration.gates;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

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
                ? open("In this phase for " + told(in) + ".")
                : closed(
                        "In this phase for " + told(in) + " of "
                                + told(situation.rules().soak()) + " that it must have been in use.",
                        "Wait until "
                                + situation
                                        .state()
                                        .phaseSince()
                                        .plus(situation.rules().soak())
                                        .truncatedTo(ChronoUnit.SECONDS)
                                + ".");
    }

    private static String told(Duration time) {
        long hours = time.toHours();
        if (hours == 0) {
            return time.toMinutes() + " min";
        }
        return hours + " h" + (time.toMinutesPart() == 0 ? "" : " " + time.toMinutesPart() + " min");
    }
}
