package io.homebudget.backup.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** When a thing that failed at its moment is tried again: after growing pauses, and not for ever. */
final class Retries {
    /** With the pauses below the last one comes after about half a day; then the next moment of the calendar is near. */
    static final int MOST = 14;

    private static final Duration FIRST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofHours(1);

    private Retries() {}

    /** @param failures when the attempts at this moment's work ended, in any order */
    static boolean allowed(Instant now, List<Instant> failures) {
        if (failures.isEmpty()) {
            return true;
        }
        if (failures.size() >= MOST) {
            return false;
        }
        Duration pause = FIRST.multipliedBy(1L << Math.min(failures.size() - 1, 10));
        Instant last = failures.stream().max(Instant::compareTo).orElseThrow();
        return !now.isBefore(last.plus(pause.compareTo(LONGEST) > 0 ? LONGEST : pause));
    }
}
