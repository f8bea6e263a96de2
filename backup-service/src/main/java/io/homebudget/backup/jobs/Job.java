package io.homebudget.backup.jobs;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Something that takes long, as it stands. Immutable; each step makes a new one.
 *
 * @param type {@code snapshot}, {@code verify}, {@code restore} ...
 * @param percent 0 to 100, never falling; 100 only when it succeeded
 * @param doing what happens now, a few words
 * @param error one sentence where it failed; null else
 * @param result what the job's resource says beyond the fields of every job
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Job(
        UUID id,
        String type,
        JobState state,
        int percent,
        String doing,
        Instant createdAt,
        Instant startedAt,
        Instant finishedAt,
        String error,
        String actor,
        String reason,
        Map<String, Object> result) {
    /** A restore may have been applied all the same: the ledger service goes on with what it was told. */
    static final String STOPPED =
            "backup-service was stopped before this was done; see what became of it before you order it again";

    private static final int ALMOST = 99;

    public Job {
        result = result == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(result));
    }

    static Job queued(UUID id, JobOrder order, Instant now) {
        return new Job(
                id,
                order.type(),
                JobState.QUEUED,
                0,
                "waiting",
                now,
                null,
                null,
                null,
                order.actor(),
                order.reason(),
                order.known());
    }

    Job started(Instant now) {
        return with(JobState.RUNNING, percent, "starting", now, null, null, result);
    }

    Job at(double share, String now) {
        int reached = (int) Math.floor(share * 100);
        return with(state, Math.max(percent, Math.min(ALMOST, reached)), now, startedAt, finishedAt, error, result);
    }

    Job knowing(String key, Object value) {
        Map<String, Object> more = new LinkedHashMap<>(result);
        more.put(key, value);
        return with(state, percent, doing, startedAt, finishedAt, error, more);
    }

    Job succeeded(Instant now) {
        return with(JobState.SUCCEEDED, 100, "done", startedAt, now, null, result);
    }

    Job failed(Instant now, String why) {
        return with(JobState.FAILED, percent, "failed", startedAt, now, why, result);
    }

    private Job with(
            JobState newState,
            int newPercent,
            String newDoing,
            Instant started,
            Instant finished,
            String newError,
            Map<String, Object> newResult) {
        return new Job(
                id,
                type,
                newState,
                newPercent,
                newDoing,
                createdAt,
                started,
                finished,
                newError,
                actor,
                reason,
                newResult);
    }
}
