package io.homebudget.backup.retention;

import java.time.Duration;

/**
 * How long snapshots are kept; a snapshot that one rule keeps is kept.
 *
 * @param keepLast the newest ones, whatever their age
 * @param keepFor everything younger
 * @param hourly the newest one of each of the last so many hours that have any; the same by day, week (from Monday) and
 *     month, UTC
 * @param migrationKeepFor those made before migration steps, while younger
 * @param migrationKeepLast the newest of those, whatever their age
 * @param arrayKeepFor the newest one with a kind's JSON files, this long after the first one without them
 */
public record Rules(
        int keepLast,
        Duration keepFor,
        int hourly,
        int daily,
        int weekly,
        int monthly,
        Duration migrationKeepFor,
        int migrationKeepLast,
        Duration arrayKeepFor) {
    public Rules {
        if (keepLast < 0 || hourly < 0 || daily < 0 || weekly < 0 || monthly < 0 || migrationKeepLast < 0) {
            throw new IllegalArgumentException("a number of snapshots to keep is negative");
        }
        if (keepFor.isNegative() || migrationKeepFor.isNegative() || arrayKeepFor.isNegative()) {
            throw new IllegalArgumentException("an age of snapshots to keep is negative");
        }
    }
}
