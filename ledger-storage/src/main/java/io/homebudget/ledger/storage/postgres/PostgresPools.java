package io.homebudget.ledger.storage.postgres;

import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.util.concurrent.TimeUnit;

/** Makes pools with the limits that {@link PostgresStore} relies on. */
public final class PostgresPools {
    /** How long the server works on one statement of a hot write; bulk steps raise it for themselves. */
    public static final int STATEMENT_TIMEOUT_MILLIS = 1_500;

    private PostgresPools() {}

    /** @param url {@code postgresql://user:password@host:port/database} */
    public static Pool open(Vertx vertx, String url, int size) {
        return open(vertx, PgConnectOptions.fromUri(url), size);
    }

    /** As {@link #open(Vertx, String, int)}. */
    public static Pool open(Vertx vertx, PgConnectOptions server, int size) {
        return PgBuilder.pool()
                .connectingTo(limited(server))
                .with(limited(new PoolOptions().setMaxSize(size).setName("ledger-" + size)))
                .using(vertx)
                .build();
    }

    /** The options with every limit that the store needs. */
    public static PgConnectOptions limited(PgConnectOptions options) {
        options.setCachePreparedStatements(true)
                .setPreparedStatementCacheMaxSize(512)
                .setConnectTimeout(1_000)
                .setTcpKeepAlive(true)
                // a server that is frozen or cut off must not keep the pool's connections for ever
                .setIdleTimeout(120)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
        options.addProperty("statement_timeout", Integer.toString(STATEMENT_TIMEOUT_MILLIS));
        options.addProperty("idle_in_transaction_session_timeout", "60000");
        options.addProperty("DateStyle", "ISO");
        options.addProperty("TimeZone", "UTC");
        return options;
    }

    /** The pool's limits: no connection older than an hour. Waiting for one is limited by {@link Link}, which says why. */
    public static PoolOptions limited(PoolOptions options) {
        return options.setConnectionTimeout(0)
                .setMaxLifetime(3_600)
                .setMaxLifetimeUnit(TimeUnit.SECONDS)
                .setMaxWaitQueueSize(2_000);
    }
}
