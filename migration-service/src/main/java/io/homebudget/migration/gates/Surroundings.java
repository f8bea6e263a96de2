package io.homebudget.migration.gates;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What lies around a ledger, looked at seconds ago.
 *
 * @param room the disk under PostgreSQL
 * @param snapshots what backup-service keeps
 * @param eventRetention how long Kafka keeps the kind's events; {@link #FOR_EVER} where it never deletes them
 * @param replicas processes behind the ledger service's address
 */
public record Surroundings(
        Known<Room> room, Known<Shelf> snapshots, Known<Duration> eventRetention, Known<Integer> replicas) {
    public static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

    /** @param databaseBytes what the database takes; {@code freeBytes} what is left on its disk */
    public record Room(long databaseBytes, Known<Long> freeBytes) {}

    /** @param newestVerified when the newest snapshot that was verified was made; @param oldest when the oldest kept one was */
    public record Shelf(Optional<Instant> newestVerified, Optional<Instant> oldest) {}
}
