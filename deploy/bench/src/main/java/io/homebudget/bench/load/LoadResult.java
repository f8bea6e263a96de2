package io.homebudget.bench.load;

import org.HdrHistogram.Histogram;

/**
 * What one window of load came to.
 *
 * @param succeeded answers with a 2xx status
 * @param failed everything else: other statuses, connection errors, timeouts
 * @param seconds the length of the window
 * @param latency of all answers, in nanoseconds
 * @param blockedMillis how long requests waited for a connection in sum; anything but 0 means that latencies hide waiting
 */
public record LoadResult(long succeeded, long failed, double seconds, Histogram latency, double blockedMillis) {

    public double perSecond() {
        return seconds == 0 ? 0 : succeeded / seconds;
    }

    public double maxMillis() {
        return latency.getMaxValue() / 1e6;
    }

    public double millisAt(double percentile) {
        return latency.getValueAtPercentile(percentile) / 1e6;
    }
}
