package io.homebudget.migration.live;

import io.smallrye.mutiny.Uni;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;

/**
 * One client and what is on its way to it. The state comes first: what happens while it is being gathered waits behind it. At
 * most {@link #MOST} messages wait; a client that lets more pile up is told so and dropped, and holds nothing up.
 */
final class Listener {
    /** A run tells at most a few things a second: a client this far behind has not read for many seconds. */
    static final int MOST = 64;

    private final Function<String, Uni<Void>> sending;
    private final Runnable dropping;
    private final Deque<String> waiting = new ArrayDeque<>();
    private boolean greeted;
    private boolean busy;
    private boolean dropped;

    /** @param dropping closes the connection with a code that says why */
    Listener(Function<String, Uni<Void>> sending, Runnable dropping) {
        this.sending = sending;
        this.dropping = dropping;
    }

    /** Sends the state, then all that happened since it was asked for. */
    void greet(String state) {
        synchronized (this) {
            waiting.addFirst(state);
            greeted = true;
        }
        next();
    }

    void tell(String message) {
        synchronized (this) {
            if (dropped) {
                return;
            }
            if (waiting.size() < MOST) {
                waiting.add(message);
            } else {
                dropped = true;
                waiting.clear();
            }
        }
        if (dropped()) {
            dropping.run();
        } else {
            next();
        }
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
