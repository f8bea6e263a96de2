package io.homebudget.backup.health;

import io.homebudget.backup.catalogue.Listed;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether what could be restored is young enough.
 *
 * @param status {@code current}, {@code none_yet} or {@code too_old}
 * @param newest when the newest snapshot that is proven whole was made; null where there is none
 */
public record Freshness(String status, Instant newest) {

    /** @param since when the folder was first used; a young installation has no snapshot and nothing is wrong with that */
    public static Freshness of(Optional<Listed> newestGood, Instant since, Duration tooOld, Instant now) {
        Instant newest = newestGood.map(listed -> listed.manifest().createdAt()).orElse(null);
        Instant last = newest == null ? since : newest;
        if (last != null && last.plus(tooOld).isBefore(now)) {
            return new Freshness("too_old", newest);
        }
        return new Freshness(newest == null ? "none_yet" : "current", newest);
    }

    public boolean fine() {
        return !status.equals("too_old");
    }
}
