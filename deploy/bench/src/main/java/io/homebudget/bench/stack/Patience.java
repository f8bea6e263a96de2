package io.homebudget.bench.stack;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for conditions, never for a time that "should be enough". */
public final class Patience {
    private static final long LOOK_AGAIN_MILLIS = 20;

    private Patience() {}

    /**
     * Returns the seconds it took until the condition held.
     *
     * @throws IllegalStateException naming {@code what} if it does not hold within the limit
     */
    public static double until(String what, Duration limit, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > limit.toNanos()) {
                throw new IllegalStateException("not within " + limit.toSeconds() + " s: " + what);
            }
            pause(LOOK_AGAIN_MILLIS);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    public static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
