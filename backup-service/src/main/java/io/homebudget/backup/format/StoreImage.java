package io.homebudget.backup.format;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/**
 * What a snapshot holds of one store of one kind: everything up to one position of the log and nothing later.
 *
 * @param file the export, as a path within the snapshot
 * @param primary whether this store ruled when it was read
 * @param idsThrough the largest id that may have been given out
 * @param publishedThrough the position through which the log was published; null where a baseline was due
 * @param schemaVersion of the store in PostgreSQL; null for the JSON store
 * @param at when the store was read
 * @param entries live entries; {@code tombstones} what stays of deleted ones
 * @param digest the exclusive or of the live entries' digests, computed from their values. A single wrong, missing or
 *     additional entry changes it or the count (A20: a digest contains its id)
 * @param damaged live entries whose values did not give the digest that their last change recorded: the store was damaged
 *     before the snapshot was made, and the snapshot says so instead of hiding it
 */
@JsonNaming(SnakeCaseStrategy.class)
public record StoreImage(
        Kind kind,
        StoreName store,
        String file,
        boolean primary,
        Phase phase,
        long epoch,
        long position,
        UUID identity,
        long idsThrough,
        Long publishedThrough,
        String schemaVersion,
        Instant at,
        long entries,
        long tombstones,
        UUID digest,
        long damaged) {
    public StoreImage {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(store, "store");
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(digest, "digest");
    }

    public boolean is(Kind otherKind, StoreName otherStore) {
        return kind == otherKind && store == otherStore;
    }

    /** Live entries and tombstones. */
    public long rows() {
        return entries + tombstones;
    }
}
