package io.homebudget.migration.reconcile;

import java.time.Instant;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * A goal whose reaching proves something: every change up to position {@code through} was published before the topic's ends were
 * read, so once the group has compared everything before {@code ends}, all of those changes are compared.
 *
 * <p>The ends must be those of uncommitted readers: of a transaction that was decided a moment ago, a partition may not show its
 * committed readers everything yet.
 *
 * @param at before {@code through} was asked for
 */
record Proof(long through, Instant at, Map<TopicPartition, Long> ends) {
    Proof {
        ends = Map.copyOf(ends);
    }

    /** Events before the ends that the group has not compared. */
    long missing(Map<TopicPartition, Long> compared) {
        return ends.entrySet().stream()
                .mapToLong(end -> Math.max(0, end.getValue() - compared.getOrDefault(end.getKey(), 0L)))
                .sum();
    }
}
