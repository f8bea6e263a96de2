package io.homebudget.migration.gates;

/** The follower holds everything, not only what was written since it follows. */
final class BackfillComplete implements Gate {

    @Override
    public String name() {
        return "backfill_complete";
    }

    @Override
    public Check check(Situation situation) {
        String how = situation.state().followerState();
        if ("needs_backfill".equals(how) || "backfilling".equals(how)) {
            return closed(
                    "The follower is " + how.replace("_", " ") + ".",
                    "Wait: it is filled by itself, at the latest half a minute after it was found to need that.");
        }
        return open(
                situation.state().phase().dual() ? "The follower was filled." : "There is nothing to be filled yet.");
    }
}
