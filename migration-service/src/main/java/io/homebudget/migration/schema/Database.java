package io.homebudget.migration.schema;

import io.homebudget.migration.config.MigrationConfig;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * This service's tables in PostgreSQL, which may be away at any time.
 *
 * <p>Every piece of work is one transaction, on a context of its own, so that it does not matter who asks: a request, a timer or
 * a run. It fails with {@link DatabaseAway} within the limit of the configuration when PostgreSQL cannot be reached.
 */
@ApplicationScoped
public class Database {
    private static final String DUPLICATE = "23505";
    private static final String NO_SUCH_TABLE = "42P01";
    private static final String NO_SUCH_COLUMN = "42703";

    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final Vertx vertx;
    private final Duration limit;
    private final AtomicBoolean schemaReady = new AtomicBoolean();
    private final AtomicBoolean connected = new AtomicBoolean();
    private volatile int pending;

    Database(Vertx vertx, MigrationConfig config) {
        this.vertx = vertx;
        this.limit = config.databaseLimit();
    }

    /** Whether the last attempt reached PostgreSQL. */
    public boolean connected() {
        return connected.get();
    }

    /** Steps of this service's own schema that wait for consent; 0 where none do or it is not known. */
    public int pending() {
        return pending;
    }

    void pending(int steps) {
        pending = steps;
    }

    /** Whether the tables are there. */
    public boolean ready() {
        return schemaReady.get();
    }

    void found(boolean reachable, boolean tables) {
        connected.set(reachable);
        if (tables) {
            schemaReady.set(true);
        }
    }

    /** Does the work in one transaction. */
    public <T> Uni<T> transact(Supplier<Uni<T>> work) {
        if (!schemaReady.get()) {
            String why = connected.get() ? "the tables of migration-service are not there yet" : "no connection yet";
            return Uni.createFrom().failure(new DatabaseAway(why, null));
        }
        return onOwnContext(() -> Panache.withTransaction(work))
                .ifNoItem()
                .after(limit)
                .fail()
                .onFailure(Database::meansAway)
                .transform(failure -> new DatabaseAway(reason(failure), failure))
                .onItemOrFailure()
                .invoke((item, failure) -> connected.set(!(failure instanceof DatabaseAway)))
                // an outdated schema serves all that does not need what is missing
                .onFailure(Database::outdated)
                .transform(failure -> new DatabaseAway(
                        "a table of migration-service is missing or outdated; see GET /api/database/status", failure));
    }

    /**
     * Does work whose outcome must not be lost to a moment without PostgreSQL: repeated with growing pauses while it is away.
     *
     * @param attempts beyond the first: four take about four seconds, ten about half a minute
     * @return fails with the last {@link DatabaseAway} when they are spent, and with anything else at once
     */
    public static <T> Uni<T> patiently(Supplier<Uni<T>> work, int attempts) {
        return Uni.createFrom()
                .deferred(work::get)
                .onFailure(DatabaseAway.class)
                .retry()
                .withBackOff(FIRST_PAUSE, LONGEST_PAUSE)
                .atMost(attempts)
                // a spent retry wraps its last failure; callers tell failures apart by type
                .onFailure(spent -> spent.getCause() instanceof DatabaseAway)
                .transform(Throwable::getCause);
    }

    private <T> Uni<T> onOwnContext(Supplier<Uni<T>> work) {
        return Uni.createFrom().emitter(emitter -> {
            Context own = VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext());
            VertxContextSafetyToggle.setContextSafe(own, true);
            own.runOnContext(start -> work.get().subscribe().with(emitter::complete, emitter::fail));
        });
    }

    /** Whether a failure says that such a row is there already. */
    public static boolean duplicate(Throwable failure) {
        return DUPLICATE.equals(sqlState(failure));
    }

    private static boolean outdated(Throwable failure) {
        String state = sqlState(failure);
        return NO_SUCH_TABLE.equals(state) || NO_SUCH_COLUMN.equals(state);
    }

    /** What PostgreSQL answered, whoever wrapped it; empty where it answered nothing. */
    static String sqlState(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof PgException answered) {
                return String.valueOf(answered.getSqlState());
            }
            if (at instanceof SQLException answered && answered.getSQLState() != null) {
                return answered.getSQLState();
            }
        }
        return "";
    }

    private static boolean meansAway(Throwable failure) {
        String state = sqlState(failure);
        if (!state.isEmpty()) {
            // connection exceptions, resources exhausted, shut down or starting up; missing table or schema after a
            // reset
            return state.startsWith("08")
                    || state.startsWith("53")
                    || state.startsWith("57P")
                    || state.startsWith("3D");
        }
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof IOException
                    || at instanceof TimeoutException
                    || at instanceof java.util.concurrent.TimeoutException
                    || at instanceof VertxException
                    // the driver's word for a connection that died while it was in use
                    || at instanceof NoStackTraceThrowable) {
                return true;
            }
        }
        return false;
    }

    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
