package io.homebudget.ledger.storage.outbox;

import java.time.Duration;

/**
 * @param bootstrapServers null or empty: nothing is published, the backlog is counted all the same
 * @param partitions fixed for the life of a topic: a change of the number would break the order per entry
 * @param replicationFactor -1 for the broker's default
 * @param retention at least the age of the oldest kept snapshot, so that recovery finds the events it needs
 * @param watch is told of every producer
 */
public record PublisherConfig(
        String bootstrapServers, int partitions, short replicationFactor, Duration retention, ProducerWatch watch) {

    /** Nobody watches. */
    public PublisherConfig(String bootstrapServers, int partitions, short replicationFactor, Duration retention) {
        this(bootstrapServers, partitions, replicationFactor, retention, ProducerWatch.NONE);
    }

    public PublisherConfig watchedBy(ProducerWatch watching) {
        return new PublisherConfig(bootstrapServers, partitions, replicationFactor, retention, watching);
    }

    public boolean configured() {
        return bootstrapServers != null && !bootstrapServers.isBlank();
    }
}
