package io.homebudget.migration.gates;

/** The follower follows; what it lacks at this moment the run itself waits for. */
final class FollowerCaughtUp implements Gate {
    /** Beyond this, waiting at the fence would take longer than clients may be held. */
    private static final double LONGEST_LAG_SECONDS = 30;

    @Override
    public String name() {
        return "follower_caught_up";
    }

    @Override
    public Check check(Situation situation) {
        if (!situation.state().phase().dual()) {
            return open("There is no follower in this phase.");
        }
        String how = situation.state().followerState();
        if (!"following".equals(how)) {
            return closed(
                    "The follower is " + how + ".",
                    "Bring its store back and wait until it follows; see follower_lag.");
        }
        if (situation.state().oldestPendingSeconds() > LONGEST_LAG_SECONDS) {
            return closed(
                    "The follower lags by " + situation.state().followerLag() + " changes, the oldest "
                            + Math.round(situation.state().oldestPendingSeconds()) + " s old.",
                    "Wait until follower_lag falls.");
        }
        return open("The follower follows, " + situation.state().followerLag() + " changes behind.");
    }
}
