package io.homebudget.ledger.storage.wiring;

import io.homebudget.ledger.storage.postgres.PostgresPools;
import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnectOptions;
import jakarta.inject.Singleton;
import java.util.List;

/** Gives the framework's pool the limits that the store relies on; flags and ledger share it. */
@Singleton
public class LimitedPool implements PgPoolCreator {
    @Override
    public Pool create(Input input) {
        List<SqlConnectOptions> servers = input.pgConnectOptionsList().stream()
                .<SqlConnectOptions>map(PostgresPools::limited)
                .toList();
        return PgBuilder.pool()
                .connectingTo(servers)
                .with(PostgresPools.limited(input.poolOptions()))
                .using(input.vertx())
                .build();
    }
}
