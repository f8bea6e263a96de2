package io.homebudget.backup.catalogue;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.List;

/**
 * What changes about a snapshot after it was made.
 *
 * @param pinned never removed by retention
 * @param verifiedAt when it was last proven whole; null where never
 * @param checkedAt when it was last looked at, with whatever result
 * @param ok the result of the last look; true before the first one
 * @param problems what the last look found
 * @param sha256 of this very record with null here; a record that does not give it is damaged
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.ALWAYS)
public record SnapshotState(
        int format,
        boolean pinned,
        Instant verifiedAt,
        Instant checkedAt,
        boolean ok,
        List<String> problems,
        String sha256) {
    static final int FORMAT = 1;
    /** Beyond this the rest says nothing new. */
    private static final int MOST_PROBLEMS = 20;

    public static final SnapshotState NEW = new SnapshotState(FORMAT, false, null, null, true, List.of(), null);

    public SnapshotState {
        problems = problems == null
                ? List.of()
                : List.copyOf(problems.subList(0, Math.min(MOST_PROBLEMS, problems.size())));
    }

    /** Of a snapshot whose state cannot be read: taken for pinned, so that nothing removes it by mistake. */
    static SnapshotState unreadable(String problem) {
        return new SnapshotState(FORMAT, true, null, null, false, List.of(problem), null);
    }

    public SnapshotState pinned(boolean pin) {
        return new SnapshotState(FORMAT, pin, verifiedAt, checkedAt, ok, problems, null);
    }

    /** @param found empty where it was proven whole */
    public SnapshotState checked(Instant at, List<String> found) {
        return new SnapshotState(FORMAT, pinned, found.isEmpty() ? at : verifiedAt, at, found.isEmpty(), found, null);
    }

    SnapshotState sealed(String sum) {
        return new SnapshotState(format, pinned, verifiedAt, checkedAt, ok, problems, sum);
    }
}
