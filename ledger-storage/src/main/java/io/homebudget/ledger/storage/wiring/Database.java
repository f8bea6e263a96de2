package io.homebudget.ledger.storage.wiring;

import io.homebudget.ledger.storage.postgres.PostgresStore;
import io.homebudget.ledger.storage.routing.Attachment;
import io.homebudget.ledger.storage.schema.Schema;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

/** PostgreSQL as the engine's attachment sees it. */
final class Database implements Attachment.Database {
    /** A server that answers takes far less; one that does not must be noticed within the clients' 2 s. */
    private static final Duration PING_LIMIT = Duration.ofMillis(1_500);

    /** JDBC has no limit of its own while the server is frozen; asking anew would only hold another connection. */
    private static final Duration STATUS_LIMIT = Duration.ofSeconds(10);

    /** Steps end by limits of their own; this only keeps a caller from waiting for ever. */
    private static final Duration STEPS_LIMIT = Duration.ofMinutes(10);

    private final Pool pool;
    private final PostgresStore store;
    private final Schema schema;
    private final boolean configured;
    private final boolean autoMigrate;
    private volatile Schema.Status seen;
    private CompletableFuture<Schema.Status> asked;

    Database(Pool pool, PostgresStore store, Schema schema, boolean configured, boolean autoMigrate) {
        this.pool = pool;
        this.store = store;
        this.schema = schema;
        this.configured = configured;
        this.autoMigrate = autoMigrate;
    }

    /** How the schema stood when it was last looked at; null while it was not seen. */
    Schema.Status seen() {
        return seen;
    }

    Uni<Schema.Status> schema() {
        return seen(status());
    }

    /** @param target null for the newest */
    Uni<Schema.Status> update(String target) {
        return seen(within(schema.migrate(target)));
    }

    Uni<Schema.Status> undo() {
        return seen(within(schema.undo()));
    }

    /** Whoever asked is answered; the step itself goes on to its own limits. */
    private static Uni<Schema.Status> within(Uni<Schema.Status> steps) {
        return steps.ifNoItem()
                .after(STEPS_LIMIT)
                .failWith(() ->
                        new TimeoutException("the schema was not changed within " + STEPS_LIMIT.toMinutes() + " min"));
    }

    private Uni<Schema.Status> seen(Uni<Schema.Status> question) {
        return configured
                ? question.invoke(status -> seen = status)
                : Uni.createFrom().failure(new IllegalStateException("DATABASE_URL is not set"));
    }

    @Override
    public Uni<Void> ready() {
        if (!configured) {
            return Uni.createFrom().failure(new IllegalStateException("DATABASE_URL is not set"));
        }
        return ping().chain(this::status)
                .chain(status -> {
                    if (status.tooNew()) {
                        return Uni.createFrom()
                                .<Schema.Status>failure(new IllegalStateException("the schema has version "
                                        + status.current() + ", newer than this program's " + status.target()));
                    }
                    if (!status.needsUpdate()) {
                        return Uni.createFrom().item(status);
                    }
                    // an empty database holds nothing that an upgrade could harm
                    if (autoMigrate || status.current() == null) {
                        return schema.migrate();
                    }
                    if (status.safe()) {
                        return Uni.createFrom().item(status);
                    }
                    return Uni.createFrom()
                            .failure(new IllegalStateException("the schema has version " + status.current() + ", "
                                    + status.target() + " is needed: set AUTO_MIGRATE=true to consent to the upgrade"));
                })
                .invoke(status -> seen = status)
                .replaceWithVoid();
    }

    /** One question at a time: while one hangs, the next caller waits for its answer too. */
    private Uni<Schema.Status> status() {
        CompletableFuture<Schema.Status> pending;
        synchronized (this) {
            if (asked == null || asked.isDone()) {
                asked = schema.status().subscribeAsCompletionStage();
            }
            pending = asked;
        }
        return Uni.createFrom()
                .completionStage(pending::copy)
                .ifNoItem()
                .after(STATUS_LIMIT)
                .failWith(() ->
                        new TimeoutException("no answer about the schema within " + STATUS_LIMIT.toSeconds() + " s"));
    }

    @Override
    public Uni<Void> ping() {
        return Uni.createFrom()
                // over a connection: the pool's own one-shot queries fail twice, loudly, where nothing can be connected
                // to
                .<Void>emitter(emitter -> pool.getConnection()
                        .compose(connection ->
                                connection.query("SELECT 1").execute().eventually(() -> connection.close()))
                        .onComplete(done -> {
                            if (done.succeeded()) {
                                emitter.complete(null);
                            } else {
                                emitter.fail(done.cause());
                            }
                        }))
                .ifNoItem()
                .after(PING_LIMIT)
                .failWith(() -> new TimeoutException("no answer within " + PING_LIMIT.toMillis() + " ms"));
    }

    @Override
    public Uni<Void> fence() {
        return store.fence();
    }

    @Override
    public Uni<Integer> undoBeyond(long position, LedgerStore truth) {
        return store.undoBeyond(position, truth);
    }
}
