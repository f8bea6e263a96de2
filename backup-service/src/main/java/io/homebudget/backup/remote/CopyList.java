package io.homebudget.backup.remote;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.homebudget.backup.format.SnapshotId;
import java.util.List;

/**
 * {@code COPY.json}, written after everything else of a copy: without it there is no copy. Until then {@code COPYING.json} has the
 * same form and lists what is there already.
 *
 * @param sealedBy which key the objects are encrypted with, told by its fingerprint; null where they are not
 */
@JsonNaming(SnakeCaseStrategy.class)
record CopyList(int format, SnapshotId id, String sealedBy, List<Item> items) {
    static final int FORMAT = 1;
    static final String NAME = "COPY.json";
    static final String UNFINISHED = "COPYING.json";

    /**
     * @param path within the snapshot
     * @param bytes of the object as it is stored
     * @param sha256 of the same
     */
    @JsonNaming(SnakeCaseStrategy.class)
    record Item(String path, long bytes, String sha256) {}

    CopyList {
        if (format < 1 || format > FORMAT) {
            throw new IllegalArgumentException("format " + format + " is newer than " + FORMAT);
        }
        items = List.copyOf(items);
    }
}
