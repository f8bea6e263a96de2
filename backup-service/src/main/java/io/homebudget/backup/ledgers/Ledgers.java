package io.homebudget.backup.ledgers;

import io.homebudget.backup.config.BackupConfig;
import io.homebudget.ledger.entry.Kind;
import java.util.EnumMap;
import java.util.Map;

/** The ledger services by kind. Nothing is connected before the first call. */
public final class Ledgers {
    private final Map<Kind, LedgerClient> byKind = new EnumMap<>(Kind.class);

    public Ledgers(BackupConfig.Ledgers config) {
        byKind.put(Kind.EXPENSE, client(Kind.EXPENSE, config.expenseUrl(), config));
        byKind.put(Kind.INCOME, client(Kind.INCOME, config.incomeUrl(), config));
    }

    private static LedgerClient client(Kind kind, String url, BackupConfig.Ledgers config) {
        return new LedgerClient(
                kind,
                url,
                config.token().orElse(null),
                config.connectTimeout(),
                config.quickTimeout(),
                config.stallTimeout());
    }

    public LedgerClient of(Kind kind) {
        return byKind.get(kind);
    }
}
