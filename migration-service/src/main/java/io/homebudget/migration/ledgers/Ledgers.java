package io.homebudget.migration.ledgers;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.tenure.Tenures;
import io.quarkus.rest.client.reactive.QuarkusRestClientBuilder;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The ledger services by kind. */
public final class Ledgers {
    private final Map<Kind, LedgerService> byKind;

    public Ledgers(Map<Kind, LedgerService> byKind) {
        this.byKind = new EnumMap<>(byKind);
    }

    public LedgerService of(Kind kind) {
        return byKind.get(kind);
    }

    /** Builds the two clients; nothing is connected before the first call. */
    @ApplicationScoped
    static class Factory {

        @Produces
        @jakarta.inject.Singleton
        Ledgers ledgers(MigrationConfig config, Tenures tenures) {
            MigrationConfig.Ledgers ledgers = config.ledgers();
            return new Ledgers(Map.of(
                    Kind.EXPENSE, service(Kind.EXPENSE, ledgers.expenseUrl(), ledgers, tenures),
                    Kind.INCOME, service(Kind.INCOME, ledgers.incomeUrl(), ledgers, tenures)));
        }

        private static LedgerService service(Kind kind, String url, MigrationConfig.Ledgers config, Tenures tenures) {
            return new HttpLedgerService(
                    kind,
                    client(url, config.connectTimeout(), config.quickTimeout()),
                    client(url, config.connectTimeout(), config.slowTimeout()),
                    config.token().map(token -> "Bearer " + token).orElse(null),
                    config.attempts(),
                    config.quickTimeout(),
                    tenures::remembered);
        }

        private static LedgerHttp client(String url, Duration connect, Duration read) {
            return QuarkusRestClientBuilder.newBuilder()
                    .baseUri(URI.create(url))
                    .connectTimeout(connect.toMillis(), TimeUnit.MILLISECONDS)
                    .readTimeout(read.toMillis(), TimeUnit.MILLISECONDS)
                    .build(LedgerHttp.class);
        }
    }
}
