package io.homebudget.local.supervision;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** Three deaths within 60 s are a fault that restarting does not heal. Kept by the one thread that watches the member. */
final class Deaths {
    static final int LIMIT = 3;
    static final Duration WINDOW = Duration.ofSeconds(60);
    private final Deque<Instant> times = new ArrayDeque<>();

    /** @return whether the member is to be given up */
    boolean another(Instant now) {
        times.addLast(now);
        while (times.peekFirst().isBefore(now.minus(WINDOW))) {
            times.removeFirst();
        }
        return times.size() >= LIMIT;
    }
}
