package io.homebudget.backup.standin;

import io.homebudget.backup.config.BackupConfig;
import io.homebudget.backup.ledgers.Ledgers;
import java.time.Duration;
import java.util.Optional;

/** The clients of two stand-ins. */
public final class TestLedgers {
    private TestLedgers() {}

    public static Ledgers of(LedgerServer expense, LedgerServer income) {
        return new Ledgers(new BackupConfig.Ledgers() {
            @Override
            public String expenseUrl() {
                return expense.url();
            }

            @Override
            public String incomeUrl() {
                return income.url();
            }

            @Override
            public Optional<String> token() {
                return Optional.of(LedgerServer.TOKEN);
            }

            @Override
            public Duration connectTimeout() {
                return Duration.ofSeconds(2);
            }

            @Override
            public Duration quickTimeout() {
                return Duration.ofSeconds(5);
            }

            @Override
            public Duration stallTimeout() {
                return Duration.ofSeconds(5);
            }
        });
    }
}
