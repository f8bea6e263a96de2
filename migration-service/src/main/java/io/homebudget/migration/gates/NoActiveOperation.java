package io.homebudget.migration.gates;

/** Nothing else is under way. */
final class NoActiveOperation implements Gate {

    @Override
    public String name() {
        return "no_active_operation";
    }

    @Override
    public Check check(Situation situation) {
        if ("backfilling".equals(situation.state().followerState())) {
            return closed("A backfill is running.", "Wait for its end.");
        }
        if (situation.interlock().isPresent()) {
            return closed(situation.interlock().get(), "Wait for its end.");
        }
        return situation.activeRun().orElse(false)
                ? closed("A run of this kind is active.", "Wait for its end or cancel it.")
                : open("Nothing else is under way.");
    }
}
