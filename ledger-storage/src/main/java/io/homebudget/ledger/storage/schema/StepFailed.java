package io.homebudget.ledger.storage.schema;

import java.sql.SQLException;

/** A step of the schema was refused or failed; nothing of it is in the database. The message has no value of any row. */
public final class StepFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StepFailed(String message) {
        super(message);
    }

    StepFailed(String step, Throwable cause) {
        super(step + " failed and left nothing behind: " + reason(cause), cause);
    }

    private static String reason(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                return switch (String.valueOf(sql.getSQLState())) {
                    case "55P03" -> "a table it changes was in use (SQLSTATE 55P03); repeat it";
                    case "57014" -> "it took longer than its limit (SQLSTATE 57014)";
                    default -> "SQLSTATE " + sql.getSQLState();
                };
            }
        }
        return failure.getClass().getSimpleName();
    }
}
