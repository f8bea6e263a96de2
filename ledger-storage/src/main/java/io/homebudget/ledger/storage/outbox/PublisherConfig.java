package io.homebudget.ledger.storage.outbox;

import java.time.Duration;

/**
 * @param bootstrapServers null or empty: nothing is published, the backlog is counted all the same
 * @param partitions fixed for the life of a topic: a change of the number would break the order per entry
 * @param replicationFactor -1 for the broker's default
 * @param retention at least the age of the oldest kept snapshot, so that recovery finds the events it needs
 */
public record PublisherConfig(String bootstrapServers, int partitions, short replicationFactor, Duration retention) {
    public boolean configured() {
        return bootstrapServers != null && !bootstrapServers.isBlank();
    }
}
