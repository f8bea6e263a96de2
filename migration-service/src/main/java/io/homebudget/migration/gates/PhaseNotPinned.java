package io.homebudget.migration.gates;

import io.homebudget.ledger.phase.Phase;

/** A phase that the environment pins is left by changing the environment, not by a run. */
final class PhaseNotPinned implements Gate {

    @Override
    public String name() {
        return "phase_not_pinned";
    }

    @Override
    public Check check(Situation situation) {
        Phase pinned = situation.state().pinned();
        if (pinned == null) {
            return open("No phase is pinned.");
        }
        return pinned == situation.state().phase()
                ? closed(
                        "FF_USE_DATABASE_STORAGE and FF_DUAL_WRITE_ENABLED pin " + pinned + ".",
                        "Unset both at the ledger service, or set them to the phase you want, and start it again.")
                : open("The pinned phase " + pinned + " is not the one that rules, "
                        + situation.state().phase() + ".");
    }
}
