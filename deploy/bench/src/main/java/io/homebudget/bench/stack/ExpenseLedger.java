package io.homebudget.bench.stack;

import io.homebudget.ledger.internal.BackfillState;
import io.homebudget.ledger.internal.InternalApi;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.phase.Phase;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Steers the expense service through its internal API: what a run of the migration service does, without its gates,
 * snapshots and soak times, which are not what is measured here.
 */
public final class ExpenseLedger {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    /** For telling Kafka a million entries, each once. */
    private static final Duration BASELINE_LIMIT = Duration.ofMinutes(10);

    private final Http http;

    ExpenseLedger(Http http) {
        this.http = http;
    }

    public LedgerState state() {
        return http.get(InternalApi.ROOT + "/state", LedgerState.class);
    }

    public void pausePublisher() {
        http.post(InternalApi.ROOT + "/publisher/pause", Map.of());
    }

    public void resumePublisher() {
        http.post(InternalApi.ROOT + "/publisher/resume", Map.of());
    }

    /** One step to a neighbouring phase, nothing around it. */
    public PhaseChange.Done change(Phase target) {
        PhaseChange change = new PhaseChange(target, null, false, "bench", "measuring");
        return http.post(InternalApi.ROOT + "/phase", change, PhaseChange.Done.class);
    }

    /** Goes to {@code target} over all phases between, each dual one filled and in sync before the next step. */
    public void moveTo(Phase target) {
        settle();
        Patience.until("PostgreSQL is attached", LIMIT, () -> "connected"
                .equals(state().stores().get("postgres")));
        for (Phase at = state().phase(); at != target; at = state().phase()) {
            Phase step = Phase.values()[at.ordinal() + (target.ordinal() > at.ordinal() ? 1 : -1)];
            change(step);
            fillFollower();
        }
    }

    /** Backfills the follower if it needs it, and returns when it has everything. */
    public void fillFollower() {
        LedgerState state = state();
        if (state.phase().dual() && !"following".equals(state.followerState())) {
            Patience.until("the follower's store is reachable", LIMIT, () -> !"away".equals(state().followerState()));
            if ("needs_backfill".equals(state().followerState())) {
                backfill();
            }
        }
        settle();
    }

    /** A full synchronisation of the follower from beginning to end; returns the seconds this took as seen from here. */
    public double backfill() {
        long start = System.nanoTime();
        http.post(InternalApi.ROOT + "/backfill", Map.of());
        Patience.until("the backfill is over", LIMIT, () -> !"running"
                .equals(backfillState().state()));
        double seconds = (System.nanoTime() - start) / 1e9;
        BackfillState end = backfillState();
        if (!"succeeded".equals(end.state())) {
            throw new IllegalStateException("the backfill " + end.state() + ": " + end.error());
        }
        return seconds;
    }

    public BackfillState backfillState() {
        return http.get(InternalApi.ROOT + "/backfill", BackfillState.class);
    }

    /** Waits until nothing is pending for the follower or, unless paused, for Kafka; returns the seconds. */
    public double settle() {
        return Patience.until("the follower and the publisher have caught up", LIMIT, () -> {
            LedgerState state = state();
            boolean followed = !state.phase().dual()
                    || (state.followerLag() == 0 && state.inSync() && "following".equals(state.followerState()));
            boolean published = "paused".equals(state.publisher()) || state.publishBacklog() == 0;
            return followed && published;
        });
    }

    /** Waits until Kafka was told everything, a ledger that it is told of for the first time included; returns the seconds. */
    public double settlePublisher() {
        return Patience.until("everything was published", BASELINE_LIMIT, () -> {
            LedgerState state = state();
            return "running".equals(state.publisher()) && state.publishBacklog() == 0;
        });
    }

    /** Deletes entries as a client does, in one atomic set. */
    public void delete(List<Long> ids) {
        http.post("/api/v1/expense/bulk-delete", Map.of("ids", ids));
    }

    /** Waits for the follower alone; returns the seconds. */
    public double settleFollower() {
        return Patience.until("the follower has caught up", LIMIT, () -> state().followerLag() == 0);
    }
}
