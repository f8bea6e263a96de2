package io.homebudget.ledger.internal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;
import java.util.List;

/**
 * A service's schema in PostgreSQL: the answer of {@code GET /internal/v1/schema}.
 *
 * @param current the version that is installed; null where there is none
 * @param target the newest version that the service knows
 * @param safe whether the service runs on correctly with {@code current}
 * @param undoable whether the newest installed step has an undo script
 */
@JsonNaming(SnakeCaseStrategy.class)
public record SchemaState(
        String current, String target, boolean safe, boolean undoable, List<Step> pending, List<Step> history) {

    /** @param sql the script; null in the history. @param state Flyway's word for it, lower case */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Step(
            String version, String description, String state, Instant installedAt, Long millis, String sql) {}
}
