package io.homebudget.backup.standin;

import io.homebudget.backup.format.Exports;
import io.homebudget.ledger.entry.Kind;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Two stand-in ledger services and an empty folder, around one backup-service. */
public class World implements QuarkusTestResourceLifecycleManager {
    public static final String OPERATOR = "operator-of-the-tests-0123456789abcdef";
    public static final String VIEWER = "viewer-of-the-tests-0123456789abcdefgh";

    private LedgerServer expense;
    private LedgerServer income;
    private Path folder;

    /** Tests that want to reach into the world. */
    public interface Aware {
        void enter(World world);
    }

    @Override
    public Map<String, String> start() {
        try {
            folder = Files.createTempDirectory("backup-it").resolve("backups");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        expense = new LedgerServer(Kind.EXPENSE).holds(Exports.images(Kind.EXPENSE, 2_000, 21));
        income = new LedgerServer(Kind.INCOME).holds(Exports.images(Kind.INCOME, 300, 22));
        return Map.of(
                "backup.dir",
                folder.toString(),
                "backup.ledgers.expense-url",
                expense.url(),
                "backup.ledgers.income-url",
                income.url(),
                "backup.ledgers.token",
                LedgerServer.TOKEN,
                "backup.look-every",
                "1s",
                "backup.schedule.snapshots",
                "off",
                "backup.schedule.upkeep",
                "off",
                "access.operator",
                OPERATOR,
                "access.viewer",
                VIEWER,
                "access.service",
                LedgerServer.TOKEN);
    }

    public Path folder() {
        return folder;
    }

    public LedgerServer expense() {
        return expense;
    }

    @Override
    public void inject(Object test) {
        if (test instanceof Aware aware) {
            aware.enter(this);
        }
    }

    @Override
    public void stop() {
        expense.close();
        income.close();
    }
}
