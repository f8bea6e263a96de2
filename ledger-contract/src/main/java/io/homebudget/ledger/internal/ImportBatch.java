package io.homebudget.ledger.internal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.homebudget.ledger.entry.Entry;
import java.util.List;

/**
 * {@code POST /internal/v1/import}: creates many entries as one set per call, in the phase that rules. Records are checked by
 * the same rules as every other write; a refused one is reported and does not hold up the others.
 *
 * @param by who is recorded as the author, {@code import} as a rule
 * @param key makes the call repeatable: the same key with the same records is written once and gets the first answer
 * @param records at most {@link #MOST}, each a record as in an array file; an {@code id} is kept where it is free and was never
 *     given, else a new one is given
 * @param newIdsAbove the largest id that any record of the whole import asks for, so that no new id takes one away from a later
 *     batch; null or 0 where that is not known
 */
@JsonNaming(SnakeCaseStrategy.class)
public record ImportBatch(
        String by, String key, List<com.fasterxml.jackson.databind.JsonNode> records, Long newIdsAbove) {
    public static final int MOST = 1_000;
    /** Wishes for ids above are not granted: the ids that are left must last for ever. */
    public static final long HIGHEST_KEPT = Entry.MAX_ID / 2;

    /** One outcome per record, in their order. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Done(List<Outcome> outcomes) {}

    /**
     * @param id the id that the entry has; null where the record was refused
     * @param wanted the id that the record asked for; null where it asked for none
     * @param field the field of the first broken rule; {@code reason} the rule. Null where accepted
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Outcome(Long id, Long wanted, String field, String reason) {}
}
