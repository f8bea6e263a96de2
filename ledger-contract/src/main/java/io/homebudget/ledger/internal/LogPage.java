package io.homebudget.ledger.internal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * A piece of the primary's change log.
 *
 * @param sets whole sets after the asked position, ascending
 * @param through go on from here: every position up to it is in {@code sets}, was before, or will never be used
 * @param cut true when changes after the asked position are gone because the log was cut
 */
@JsonNaming(SnakeCaseStrategy.class)
public record LogPage(List<LoggedSet> sets, long through, boolean cut) {}
