package io.homebudget.ledger.internal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.homebudget.ledger.phase.Phase;
import java.time.Instant;
import java.util.UUID;

/**
 * The first line of an export; {@code rows} lines of {@link io.homebudget.ledger.rows.RowText} follow, ascending by id, then
 * {@link Tail}. Everything in between is of one position of the log. An export whose last line is not the tail broke off.
 *
 * @param format 2; a newer one than known must be refused. In 1 the rows were {@link EntryImage}s as JSON, which old snapshots hold
 * @param position the image holds every set up to here and nothing later
 * @param rows live entries and tombstones
 * @param idsThrough the largest id that may have been given out
 * @param publishedThrough the position through which the log was published; null where a baseline is due
 * @param schemaVersion of the store in PostgreSQL; null for the JSON store
 */
@JsonNaming(SnakeCaseStrategy.class)
public record ExportHead(
        int format,
        String kind,
        String store,
        long position,
        long rows,
        long epoch,
        Phase phase,
        UUID identity,
        long idsThrough,
        Long publishedThrough,
        String schemaVersion,
        Instant at) {
    public static final int FORMAT = 2;

    /** @param entries live entries; @param tombstones what stays of deleted ones; {@code end} is always true */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Tail(boolean end, long entries, long tombstones) {}
}
