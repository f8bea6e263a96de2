package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.BackfillState;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.SyncListener;
import io.homebudget.ledger.storage.store.SyncReport;
import java.util.concurrent.CancellationException;
import org.jboss.logging.Logger;

/**
 * Fills the follower from the primary, forwards or in reverse: a full synchronisation of rows and tombstones while clients go
 * on writing. One at a time. Interrupted by a crash, the next start with the same epoch goes on behind the last staged id.
 */
final class Backfill implements SyncListener {
    private static final Logger LOG = Logger.getLogger(Backfill.class);
    /** Writers in flight beyond this mean that clients compete for the machine: the backfill rests between chunks. */
    private static final int BUSY_WRITERS = 16;

    private static final long REST_MILLIS = 20;

    private final Helm helm;
    private BackfillState state = new BackfillState("none", null, 0, 0, 0, 0, 0, 0, null);
    private long began;
    private volatile boolean cancelled;

    Backfill(Helm helm) {
        this.helm = helm;
    }

    synchronized BackfillState state() {
        return state.state().equals("running") ? withSeconds(state) : state;
    }

    boolean running() {
        return state().state().equals("running");
    }

    /**
     * Starts one, or answers with the one that is running. Fails with {@link PhaseChangeRefused} without a follower, or while a
     * phase changes. From then on phases may change: going back waits for nothing, and a backfill of an earlier epoch ends.
     */
    BackfillState start() {
        if (!helm.steering.compareAndSet(false, true)) {
            throw new PhaseChangeRefused(
                    LedgerError.NOT_WRITTEN, "A phase change or a reconnection is under way; repeat shortly.");
        }
        try {
            return begin();
        } finally {
            helm.steering.set(false);
        }
    }

    private synchronized BackfillState begin() {
        if (state.state().equals("running")) {
            return state();
        }
        Course course = helm.course();
        if (course.rule() == null || !course.rule().phase().dual() || course.following() == null) {
            throw new PhaseChangeRefused(
                    LedgerError.CONFLICT, "There is no follower within reach that could be filled in this phase.");
        }
        LedgerStore primary = helm.primary(course.rule());
        LedgerStore follower = helm.store(course.rule().phase().primary().other());
        long epoch = course.epoch();
        cancelled = false;
        began = System.nanoTime();
        state = new BackfillState("running", follower.name().word(), epoch, 0, 0, 0, 0, 0, null);
        LOG.infov("backfill of {0} begins at epoch {1}", follower.name().word(), epoch);
        primary.image(0)
                .chain(image -> follower.synchronize(image, 0, epoch, this))
                .subscribe()
                .with(this::succeeded, this::failed);
        return state;
    }

    BackfillState cancel() {
        cancelled = true;
        return state();
    }

    @Override
    public synchronized void staged(long rows, long total) {
        state = new BackfillState(
                "running",
                state.target(),
                state.epoch(),
                Math.min(rows, total),
                total,
                state.written(),
                state.removed(),
                state.seconds(),
                null);
    }

    @Override
    public boolean cancelled() {
        return cancelled || helm.course().epoch() != state().epoch();
    }

    @Override
    public long restMillis() {
        return helm.gate.inside() > BUSY_WRITERS ? REST_MILLIS : 0;
    }

    private synchronized void succeeded(SyncReport report) {
        state = withSeconds(new BackfillState(
                "succeeded",
                state.target(),
                state.epoch(),
                report.rows(),
                report.rows(),
                report.written(),
                report.removed(),
                0,
                null));
        LOG.infov(
                "backfill of {0} done: {1} rows, {2} written, {3} removed, {4} s",
                state.target(), report.rows(), report.written(), report.removed(), state.seconds());
    }

    private synchronized void failed(Throwable failure) {
        boolean asked = failure instanceof CancellationException;
        state = withSeconds(new BackfillState(
                asked ? "cancelled" : "failed",
                state.target(),
                state.epoch(),
                state.done(),
                state.total(),
                state.written(),
                state.removed(),
                0,
                asked ? null : String.valueOf(failure.getMessage())));
        if (!asked) {
            LOG.warn("backfill failed", failure);
        }
    }

    private BackfillState withSeconds(BackfillState of) {
        return new BackfillState(
                of.state(),
                of.target(),
                of.epoch(),
                of.done(),
                of.total(),
                of.written(),
                of.removed(),
                (System.nanoTime() - began) / 1e9,
                of.error());
    }
}
