package io.homebudget.ledger.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.FollowerContract;
import io.homebudget.ledger.storage.store.Handover;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.testing.Sample;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PostgresStoreFollowerIT extends FollowerContract {
    private static PostgresFixture postgres;

    @BeforeAll
    static void start() {
        postgres = new PostgresFixture(Kind.INCOME);
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @Override
    protected LedgerStore openFollower() {
        postgres.reset();
        LedgerStore follower = postgres.open();
        await(follower.adopt(rule()));
        return follower;
    }

    @Override
    protected Rule rule() {
        return new Rule(1, Phase.DUAL_WRITE);
    }

    @Override
    protected Phase takeover() {
        return Phase.DATABASE_READS;
    }

    @Override
    protected LedgerStore reopen(LedgerStore store) {
        close(store);
        return postgres.open();
    }

    @Override
    protected void close(LedgerStore store) {
        ((PostgresStore) store).close();
    }

    @Test
    void A44_a_database_of_another_json_store_is_refused() {
        await(store.prepare(new Rule(2, takeover()), new Handover(0, 0, Optional.of(0L), new UUID(1, 1))));
        assertThatThrownBy(() -> await(
                        store.prepare(new Rule(2, takeover()), new Handover(0, 0, Optional.of(0L), new UUID(1, 2)))))
                .isInstanceOf(ForeignStore.class);
    }

    @Test
    void what_a_lost_primary_wrote_beyond_its_successor_is_listed_and_undone() throws Exception {
        Change a = Sample.created(Sample.entry(1, 1));
        apply(Sample.set(5, rule, a));
        Change beyond = Sample.updated(a, Sample.entry(1, 2));
        Change alone = Sample.created(Sample.entry(2, 2));
        apply(Sample.set(6, rule, beyond), Sample.set(7, rule, alone));
        Rule later = new Rule(2, rule.phase());
        await(store.adopt(later));

        synchronize(image(5, live(a, 1)), 2);

        assertThat(await(store.find(1))).isEqualTo(Held.after(a, 1));
        assertThat(await(store.find(2))).isNull();
        assertThat(await(store.standing()).position()).isEqualTo(5);
        assertThat(postgres.text("SELECT change_id FROM income.orphans ORDER BY id"))
                .isEqualTo(beyond.id() + "\n" + alone.id());
        Change theirs = Sample.updated(a, Sample.entry(1, 3));
        await(store.apply(List.of(Sample.set(6, later, theirs)), 6, 2));
        assertThat(await(store.find(1))).isEqualTo(Held.after(theirs, 2));
    }

    @Test
    void a_damaged_row_is_mended_by_a_synchronisation_although_its_version_is_the_same() throws Exception {
        Change a = Sample.created(Sample.entry(1, 1));
        apply(Sample.set(5, rule, a));
        postgres.execute("UPDATE income.incomes SET amount = 1 WHERE id = 1");
        synchronize(image(5, live(a, 1)), 1);
        assertThat(await(store.find(1))).isEqualTo(Held.after(a, 1));
    }
}
