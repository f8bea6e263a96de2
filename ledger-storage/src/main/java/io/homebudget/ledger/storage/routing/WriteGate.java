package io.homebudget.ledger.storage.routing;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Lets writers through, or holds them while a phase changes: held, not refused, and never longer than the holder's limit.
 *
 * <p>Equation: every {@link #enter} that completed is followed by exactly one {@link #leave}; {@code inside} is their
 * difference. At most {@value #MAX_HELD} writers wait; one more is turned away, which its client may repeat.
 */
final class WriteGate {
    static final int MAX_HELD = 10_000;

    private final ScheduledExecutorService timer;
    private final ArrayDeque<CompletableFuture<Boolean>> held = new ArrayDeque<>();
    private int inside;
    private boolean open = true;
    private boolean closed;
    private CompletableFuture<Void> drained;

    WriteGate(ScheduledExecutorService timer) {
        this.timer = timer;
    }

    /** Completes with true when the writer may go on, with false when too many wait already or nobody will be let in. */
    synchronized CompletableFuture<Boolean> enter() {
        if (closed) {
            return CompletableFuture.completedFuture(false);
        }
        if (open) {
            inside++;
            return CompletableFuture.completedFuture(true);
        }
        if (held.size() >= MAX_HELD) {
            return CompletableFuture.completedFuture(false);
        }
        CompletableFuture<Boolean> place = new CompletableFuture<>();
        held.add(place);
        return place;
    }

    void leave() {
        CompletableFuture<Void> nowDrained = null;
        synchronized (this) {
            inside--;
            if (inside == 0 && drained != null) {
                nowDrained = drained;
                drained = null;
            }
        }
        if (nowDrained != null) {
            nowDrained.complete(null);
        }
    }

    /**
     * Holds all writers that come from now on and waits for those inside.
     *
     * @return completes when nobody is inside; fails with {@link TimeoutException} after the limit, the gate still being shut
     */
    CompletableFuture<Void> shut(Duration limit) {
        CompletableFuture<Void> result;
        synchronized (this) {
            open = false;
            if (inside == 0) {
                return CompletableFuture.completedFuture(null);
            }
            if (drained == null) {
                drained = new CompletableFuture<>();
            }
            result = drained.copy();
        }
        timer.schedule(
                () -> result.completeExceptionally(
                        new TimeoutException("writes in flight did not end within " + limit.toMillis() + " ms")),
                limit.toMillis(),
                TimeUnit.MILLISECONDS);
        return result;
    }

    /** Lets everybody go on. */
    void open() {
        ArrayDeque<CompletableFuture<Boolean>> go;
        synchronized (this) {
            open = true;
            inside += held.size();
            go = new ArrayDeque<>(held);
            held.clear();
        }
        go.forEach(place -> place.complete(true));
    }

    /** For good: whoever waits, and whoever comes, is turned away. */
    void close() {
        ArrayDeque<CompletableFuture<Boolean>> away;
        synchronized (this) {
            closed = true;
            away = new ArrayDeque<>(held);
            held.clear();
        }
        away.forEach(place -> place.complete(false));
    }

    /** Whether writers that come now have to wait. */
    synchronized boolean isShut() {
        return !open;
    }

    synchronized int inside() {
        return inside;
    }
}
