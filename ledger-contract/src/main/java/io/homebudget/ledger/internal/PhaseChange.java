package io.homebudget.ledger.internal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.homebudget.ledger.phase.Phase;

/**
 * {@code POST /internal/v1/phase}: take the ledger to a neighbouring phase.
 *
 * @param target a neighbour of the phase that rules; anything else is a conflict
 * @param expectedEpoch the epoch in which the caller decided to ask; null to skip the check
 * @param acceptLoss consent to lose writes that only the lost primary holds
 * @param actor who asks; {@code reason} why, for the record
 */
@JsonNaming(SnakeCaseStrategy.class)
public record PhaseChange(Phase target, Long expectedEpoch, boolean acceptLoss, String actor, String reason) {

    /**
     * What came of it.
     *
     * @param position the head of the log at the decision
     * @param heldMillis how long writers were held
     * @param warning what a person must know, for example what a takeover may have lost; null where nothing
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Done(Phase phase, long epoch, long position, long heldMillis, String warning) {}
}
