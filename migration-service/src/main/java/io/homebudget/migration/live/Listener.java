package io.homebudget.migration.live;

import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One client and what is on its way to it. The state comes first: what happens while it is being gathered waits behind it. At
 * most {@link #MOST} messages wait; a client for which more pile up is told why and dropped, and holds nothing up.
 */
final class Listener {
    /** A run tells at most a few things a second: a client this far behind has not read for many seconds. */
    static final int MOST = 64;

    private final Function<String, Uni<Void>> sending;
    private final Consumer<String> dropping;
    private final Deque<String> waiting = new ArrayDeque<>();
    private boolean greeted;
    private boolean busy;
    private boolean dropped;

    /** @param dropping closes the connection with the reason that it is given */
    Listener(Function<String, Uni<Void>> sending, Consumer<String> dropping) {
        this.sending = sending;
        this.dropping = dropping;
    }

    /**
     * Sends the state when it comes, then all that happened since it was asked for. Where it fails, or does not come within the
     * limit, the client is told so and dropped: one that hears nothing would wait for ever. Never fails.
     */
    Uni<Void> greet(Uni<String> state, Duration limit) {
        return state.ifNoItem()
                .after(limit)
                .fail()
                .invoke(this::greet)
                .onFailure()
                .invoke(failure -> drop("the state cannot be told now; connect again"))
                .onFailure()
                .recoverWithNull()
                .replaceWithVoid();
    }

    private void greet(String state) {
        synchronized (this) {
            if (dropped) {
                return;
            }
            waiting.addFirst(state);
            greeted = true;
        }
        next();
    }

    void tell(String message) {
        boolean full;
        boolean early;
        synchronized (this) {
            if (dropped) {
                return;
            }
            full = waiting.size() >= MOST;
            early = !greeted;
            if (!full) {
                waiting.add(message);
            }
        }
        if (full) {
            drop(
                    early
                            ? "too much happened before the state could be told; connect again"
                            : "too slow: messages pile up; connect again for the state");
        } else {
            next();
        }
    }

    private void drop(String why) {
        synchronized (this) {
            if (dropped) {
                return;
            }
            dropped = true;
            waiting.clear();
        }
        dropping.accept(why);
    }

    synchronized boolean dropped() {
        return dropped;
    }

    /** One at a time: the next one goes when the socket has taken the one before. */
    private void next() {
        String message;
        synchronized (this) {
            if (!greeted || busy || waiting.isEmpty()) {
                return;
            }
            busy = true;
            message = waiting.poll();
        }
        sending.apply(message).subscribe().with(sent -> free(), gone -> free());
    }

    private void free() {
        synchronized (this) {
            busy = false;
        }
        next();
    }
}
