package io.homebudget.ledger.storage.wiring;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.storage.json.JsonFolder;
import io.homebudget.ledger.storage.json.JsonStoreConfig;
import io.homebudget.ledger.storage.metrics.LedgerMetrics;
import io.homebudget.ledger.storage.postgres.PostgresStore;
import io.homebudget.ledger.storage.routing.Attachment;
import io.homebudget.ledger.storage.routing.JsonSide;
import io.homebudget.ledger.storage.schema.Schema;
import io.homebudget.ledger.storage.schema.StepLimits;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.concurrent.Executor;
import javax.sql.DataSource;

/** The parts between stores and engine as the services wire them, for engines that tests build without the framework. */
public final class Wired {
    private Wired() {}

    public static JsonSide files(JsonFolder folder, JsonStoreConfig config, Executor workers) {
        LedgerMetrics metrics =
                new LedgerMetrics(new SimpleMeterRegistry(), config.kind().word());
        return new JsonFiles(folder, config, metrics, workers);
    }

    public static Attachment.Database database(
            Kind kind, Pool pool, PostgresStore store, DataSource dataSource, Executor workers) {
        Schema schema = new Schema(
                dataSource,
                kind.word(),
                "classpath:db/" + kind.word(),
                StepLimits.statementWithin(Duration.ofSeconds(300)),
                workers);
        return new Database(pool, store, schema, true, true);
    }
}
