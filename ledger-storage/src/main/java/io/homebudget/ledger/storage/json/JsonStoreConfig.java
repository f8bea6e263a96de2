package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.entry.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * Everything a JSON store can be told.
 *
 * @param folder the kind's data folder; owned by one process at a time
 * @param maxBatch commands that share one fsync at most
 * @param queue commands that may wait; more are refused at once instead of piling up
 * @param segmentBytes size from which a new journal segment is begun
 * @param checkpointDelay how long after a write the array file is rewritten at the latest, while it is small
 * @param smallEntries up to so many entries {@code checkpointDelay} holds; beyond, the array is rewritten when the journal since
 *     the last time reaches a quarter of it
 * @param recentChanges changes of the log that are kept in memory for readers that are nearly at the head
 * @param idempotencyKeys keys that are remembered at most; the oldest are forgotten first, also before 24 h
 * @param maxLogBytes size of the journal beyond which {@link JsonStore#logOverLimit} asks to cut it
 * @param maxLogChanges number of changes beyond which it does
 * @param stableFor how long an array file of unknown origin must have been left alone before it is taken
 * @param stableLimit how long a start waits for that
 */
public record JsonStoreConfig(
        Kind kind,
        Path folder,
        int maxBatch,
        int queue,
        long segmentBytes,
        Duration checkpointDelay,
        long smallEntries,
        int recentChanges,
        int idempotencyKeys,
        long maxLogBytes,
        long maxLogChanges,
        Duration stableFor,
        Duration stableLimit) {

    public JsonStoreConfig {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(folder, "folder");
        if (maxBatch < 1 || queue < maxBatch) {
            throw new IllegalArgumentException("the queue must hold at least one batch of at least one command");
        }
    }

    /** What suits a household and a load test alike. */
    public static JsonStoreConfig of(Kind kind, Path folder) {
        return new JsonStoreConfig(
                kind,
                folder,
                1_024,
                16_384,
                16L << 20,
                Duration.ofSeconds(2),
                100_000,
                20_000,
                100_000,
                2L << 30,
                5_000_000,
                Duration.ofSeconds(3),
                Duration.ofSeconds(15));
    }

    public Path array() {
        return folder.resolve(kind.arrayFileName());
    }

    Path beside(String suffix) {
        return folder.resolve(kind.arrayFileName() + suffix);
    }

    public JsonStoreConfig withLogLimits(long segment, long bytes, long changes) {
        return new JsonStoreConfig(
                kind,
                folder,
                maxBatch,
                queue,
                segment,
                checkpointDelay,
                smallEntries,
                recentChanges,
                idempotencyKeys,
                bytes,
                changes,
                stableFor,
                stableLimit);
    }

    public JsonStoreConfig withTimes(Duration checkpoint, Duration stable, Duration limit) {
        return new JsonStoreConfig(
                kind,
                folder,
                maxBatch,
                queue,
                segmentBytes,
                checkpoint,
                smallEntries,
                recentChanges,
                idempotencyKeys,
                maxLogBytes,
                maxLogChanges,
                stable,
                limit);
    }

    public JsonStoreConfig withMemory(int recent, int keys) {
        return new JsonStoreConfig(
                kind,
                folder,
                maxBatch,
                queue,
                segmentBytes,
                checkpointDelay,
                smallEntries,
                recent,
                keys,
                maxLogBytes,
                maxLogChanges,
                stableFor,
                stableLimit);
    }
}
