package io.homebudget.bench.figures;

import io.homebudget.bench.data.EntryGenerator;
import java.util.List;

/**
 * How long and how often things are measured.
 *
 * @param rounds how often the sides of a create ratio take turns
 * @param window seconds of one side in one round
 * @param memorySeconds how long the load lasts before resident memory is read; the contract says 5 minutes
 * @param eventSeconds how long the writes last whose events are awaited
 * @param baselines how often COPY and the scan are timed, and the snapshots and restores beside them
 */
public record Pace(boolean quick, int rounds, int window, int memorySeconds, int eventSeconds, int baselines) {
    /** As many connections as the measurements that the limits were taken from. */
    static final int CLIENTS = 32;

    /** What creates are drawn from; the same on both sides of every ratio. */
    static final List<String> BODIES = new EntryGenerator(7).bodies(64);

    /** Before the first window of a side, so that its code is compiled; in seconds. */
    static final int FIRST_WARM_UP = 12;

    /** Before each later window. */
    static final int WARM_UP = 1;

    public static Pace full() {
        return new Pace(false, 5, 6, 300, 15, 3);
    }

    public static Pace brief() {
        return new Pace(true, 2, 3, 60, 6, 1);
    }
}
