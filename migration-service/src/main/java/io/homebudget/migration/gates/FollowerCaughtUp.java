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
            String reason = "The follower is " + how + ".";
            String advice = "Bring its store back and wait until it follows; see follower_lag.";
            return "away".equals(how) ? waiting(reason, advice) : closed(reason, advice);
        }
        if (situation.state().oldestPendingSeconds() > LONGEST_LAG_SECONDS) {
            return waiting(
                    "The follower lags by " + situation.state().followerLag() + " changes, the oldest "
                            + Math.round(situation.state().oldestPendingSeconds()) + " s old.",
                    "Wait until follower_lag falls.");
        }
        return open("The follower follows, " + situation.state().followerLag() + " changes behind.");
    }
}
