package io.homebudget.ledger.internal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * {@code POST /internal/v1/restore}: begins a restore, whose rows follow in parts.
 *
 * @param mode see there
 * @param source the first line of the export that the rows come from: its epoch, phase, position and ids are what
 *     {@link Mode#EVERYTHING} continues
 * @param actor who asks; {@code reason} why, for the record
 */
@JsonNaming(SnakeCaseStrategy.class)
public record RestoreOrder(Mode mode, ExportHead source, String actor, String reason) {

    public enum Mode {
        /**
         * The ledger is in use: it gets the rows' live entries by changes of its own, so that versions go on rising. Versions and
         * change ids of the rows are not taken.
         */
        CHANGES,
        /** The installation is new and empty: it takes the rows as they are, tombstones too, at the source's epoch + 1. */
        EVERYTHING
    }
}
