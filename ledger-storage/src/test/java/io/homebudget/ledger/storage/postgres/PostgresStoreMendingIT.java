package io.homebudget.ledger.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Amounts;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Mend;
import io.homebudget.ledger.storage.store.Mended;
import io.homebudget.ledger.storage.store.MendingContract;
import io.homebudget.ledger.storage.store.Tombstone;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresStoreMendingIT extends MendingContract {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static PostgresFixture postgres;

    @BeforeAll
    static void start() {
        postgres = new PostgresFixture(Kind.EXPENSE);
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @Override
    protected LedgerStore openFollower() {
        postgres.reset();
        return postgres.openPrimary(rule());
    }

    @Override
    protected Rule rule() {
        return new Rule(1, Phase.DUAL_WRITE);
    }

    @Override
    protected LedgerStore reopen(LedgerStore open) {
        close(open);
        return postgres.open();
    }

    @Override
    protected void close(LedgerStore open) {
        ((PostgresStore) open).close();
    }

    private static void execute(String sql) {
        try {
            postgres.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected LedgerStore damage(LedgerStore open, long id, long cents) {
        execute("UPDATE expense.expenses SET amount = " + Amounts.print(cents) + " WHERE id = " + id);
        return open;
    }

    @Override
    protected LedgerStore lose(LedgerStore open, long id) {
        execute("DELETE FROM expense.expenses WHERE id = " + id);
        return open;
    }

    @Override
    protected LedgerStore add(LedgerStore open, Entry entry) {
        execute("INSERT INTO expense.expenses (id, date, category, amount, account, currency, notes) VALUES ("
                + entry.id() + ", '" + entry.date() + "', '" + entry.category() + "', " + Amounts.print(entry.cents())
                + ", '" + entry.account() + "', '" + entry.currency() + "', '" + entry.notes() + "')");
        return open;
    }

    @Test
    void a_deleted_entry_that_somebody_inserted_again_is_deleted_again() throws SQLException {
        ImageRow tombstone = store.rows(List.of(9L), LedgerStore.DataSource.SERVED)
                .await()
                .atMost(LIMIT)
                .get(0);
        execute("INSERT INTO expense.expenses (id, date, category, amount, account)"
                + " VALUES (9, '2026-01-01', 'food', 1, 'cash')");
        EntryState seen = store.states(List.of(9L)).await().atMost(LIMIT).get(0);
        assertThat(seen.deleted()).isFalse();

        Mended mended =
                store.mend(new Mend(9, 0, seen.actual(), tombstone), 1).await().atMost(LIMIT);

        assertThat(mended).isEqualTo(new Mended(Mended.Result.MENDED, tombstone.version()));
        assertThat(store.rows(List.of(9L), LedgerStore.DataSource.SERVED)
                        .await()
                        .atMost(LIMIT))
                .containsExactly(tombstone);
        assertThat(postgres.text("SELECT count(*) FROM expense.expenses WHERE id = 9"))
                .isEqualTo("0");
    }

    @Test
    void a_lost_tombstone_is_written_again() {
        Tombstone tombstone = store.rows(List.of(9L), LedgerStore.DataSource.SERVED)
                .await()
                .atMost(LIMIT)
                .get(0)
                .tombstone();
        execute("DELETE FROM expense.tombstones WHERE id = 9");

        Mended mended = store.mend(new Mend(9, 0, null, new ImageRow(null, tombstone)), 1)
                .await()
                .atMost(LIMIT);

        assertThat(mended.result()).isEqualTo(Mended.Result.MENDED);
        assertThat(store.rows(List.of(9L), LedgerStore.DataSource.SERVED)
                        .await()
                        .atMost(LIMIT))
                .containsExactly(new ImageRow(null, tombstone));
    }
}
