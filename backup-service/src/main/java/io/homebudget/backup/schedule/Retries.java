package io.homebudget.backup.schedule;

import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.jobs.JobState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** When a thing that failed at its moment is tried again: after growing pauses, and not for ever. */
public final class Retries {
    /** With the pauses below the last one comes after about half a day; then the next moment of the calendar is near. */
    static final int MOST = 14;

    private static final Duration FIRST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofHours(1);

    private Retries() {}

    /**
     * Whether the work of a moment may be ordered: nothing of it is on its way, and no pause after a failure lasts.
     *
     * @param jobs all of this work
     */
    public static boolean free(Instant now, Instant moment, List<Job> jobs) {
        List<Job> since =
                jobs.stream().filter(job -> !job.createdAt().isBefore(moment)).toList();
        return since.stream().allMatch(job -> job.state().isFinal())
                && allowed(
                        now,
                        since.stream()
                                .filter(job -> job.state() == JobState.FAILED)
                                .map(Job::finishedAt)
                                .toList());
    }

    /** When the newest of these that succeeded was ordered; null where none did. @param jobs newest first */
    public static Instant lastDone(List<Job> jobs) {
        return jobs.stream()
                .filter(job -> job.state() == JobState.SUCCEEDED)
                .map(Job::createdAt)
                .findFirst()
                .orElse(null);
    }

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
