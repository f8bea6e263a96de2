package io.homebudget.ledger.storage.schema;

import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.callback.Context;
import org.flywaydb.core.api.callback.Event;

/**
 * Sets the limits of each step within the step's own transaction, so that they end with it.
 *
 * @param lock how long a step may wait for a table: everybody who comes after it waits that long, too
 * @param statement how long one statement of a step may work
 */
public record StepLimits(Duration lock, Duration statement) implements Callback {
    /** A client's write is answered within 2 s, so a step may hold it up for one. */
    private static final Duration LOCK = Duration.ofSeconds(1);

    public static StepLimits statementWithin(Duration limit) {
        return new StepLimits(LOCK, limit);
    }

    String sql() {
        return "SET LOCAL lock_timeout = " + lock.toMillis() + "; SET LOCAL statement_timeout = "
                + statement.toMillis();
    }

    @Override
    public boolean supports(Event event, Context context) {
        return event == Event.BEFORE_EACH_MIGRATE;
    }

    @Override
    public boolean canHandleInTransaction(Event event, Context context) {
        return true;
    }

    @Override
    public void handle(Event event, Context context) {
        try (Statement set = context.getConnection().createStatement()) {
            set.execute(sql());
        } catch (SQLException e) {
            throw new StepFailed("Setting the limits of a step", e);
        }
    }

    @Override
    public String getCallbackName() {
        return "step limits";
    }
}
