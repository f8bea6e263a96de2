package io.homebudget.ledger.internal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;

/**
 * {@code POST /internal/v1/way-back/close}: archive the JSON store and give its files up. Only in {@code DATABASE_ONLY}, and only
 * by the process that owns the files. Repeated after it was done, the answer is the first one.
 *
 * @param expectedEpoch the epoch in which the caller decided to ask; null to skip the check
 * @param actor who asks; {@code reason} why, for the record
 */
@JsonNaming(SnakeCaseStrategy.class)
public record WayBackClosing(Long expectedEpoch, String actor, String reason) {

    /**
     * The way back is closed.
     *
     * @param path the archive: every file that was given up
     * @param position where the JSON store stood
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Done(String path, long position, Instant closedAt, String actor, String reason) {

        /** For people, and what to do where JSON is wanted again all the same. */
        public String sentence() {
            return "The way back was closed on " + closedAt + " by " + actor
                    + (reason == null || reason.isEmpty() ? "" : " (" + reason + ")")
                    + "; the JSON files are in the archive " + path
                    + ". The entries as they are now are in the ledger's list and export.csv, and in snapshots.";
        }
    }
}
