package io.homebudget.ledger.storage.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.testing.Sample;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What every store promises as primary, and about the end of its rule: who writes in another epoch writes nothing. */
public abstract class FenceContract extends LedgerStoreContract {

    @Test
    void a_write_in_another_epoch_than_the_ruling_one_is_fenced() {
        long id = created(1).id();
        for (long epoch : new long[] {rule.epoch() + 1, 999}) {
            assertThat(await(store.write(Sample.create(2), epoch))).isEqualTo(new WriteOutcome.Fenced());
            assertThat(await(store.write(Sample.modify(id, Field.NOTES, "x"), epoch)))
                    .isEqualTo(new WriteOutcome.Fenced());
            assertThat(await(store.write(Sample.delete(id), epoch))).isEqualTo(new WriteOutcome.Fenced());
            assertThat(await(store.write(Sample.bulkDelete(id), epoch))).isEqualTo(new WriteOutcome.Fenced());
            assertThat(await(store.write(Sample.keyed(new Intent.Create(Sample.draft(1)), "f", 1), epoch)))
                    .isEqualTo(new WriteOutcome.Fenced());
            Intent records = new Intent.Import(List.of(Sample.entry(50, 1)), 0);
            assertThat(await(store.write(new WriteRequest(records, "import", null), epoch)))
                    .isEqualTo(new WriteOutcome.Fenced());
        }
        assertThat(await(store.count())).isEqualTo(1);
    }

    @Test
    void a_rehearsal_writes_nothing_and_takes_no_id() {
        long id = created(1).id();
        long head = await(store.head());

        await(store.rehearse());

        assertThat(await(store.head())).isEqualTo(head);
        assertThat(await(store.count())).isEqualTo(1);
        assertThat(created(2).id()).isEqualTo(id + 1);
    }

    @Test
    void after_the_decision_nothing_is_written_in_the_old_epoch() {
        long id = created(1).id();
        Rule next = new Rule(rule.epoch() + 1, handover());
        await(store.prepare(next, new Handover(0, 0, Optional.of(0L), null)));
        long head = await(store.decide(rule, next));
        assertThat(head).isEqualTo(await(store.head()));
        assertThat(write(Sample.create(2))).isEqualTo(new WriteOutcome.Fenced());
        assertThat(write(Sample.delete(id))).isEqualTo(new WriteOutcome.Fenced());
        Standing standing = await(store.standing());
        assertThat(standing.decided()).contains(next);
        assertThat(standing.prepared()).isEmpty();
        assertThat(standing.position()).isEqualTo(head);
        assertThatThrownBy(() -> await(store.decide(rule, next))).isInstanceOf(StoreFenced.class);
        store = reopen(store);
        assertThat(await(store.standing()).decided()).contains(next);
        assertThat(write(Sample.create(2))).isEqualTo(new WriteOutcome.Fenced());
    }

    /** A neighbouring phase to which this primary can hand over; it may remain primary in it. */
    protected abstract Phase handover();

    @Test
    void a_fence_under_load_lets_every_acknowledged_write_be_at_or_below_the_head() {
        Rule next = new Rule(rule.epoch() + 1, handover());
        await(store.prepare(next, new Handover(0, 0, Optional.of(0L), null)));
        Uni<List<WriteOutcome>> load = Multi.createFrom()
                .range(0, 2_000)
                .onItem()
                .transformToUni(nth -> store.write(Sample.create(nth), rule.epoch()))
                .merge(16)
                .collect()
                .asList();
        CompletableFuture<List<WriteOutcome>> running = load.subscribeAsCompletionStage();
        Awaitility.await().atMost(LIMIT).until(() -> await(store.head()) > 100);
        long head = await(store.decide(rule, next));
        List<WriteOutcome> outcomes = running.orTimeout(20, TimeUnit.SECONDS).join();
        assertThat(outcomes).allSatisfy(outcome -> {
            if (outcome instanceof WriteOutcome.Written written) {
                assertThat(written.set().position()).isLessThanOrEqualTo(head);
            } else {
                assertThat(outcome).isEqualTo(new WriteOutcome.Fenced());
            }
        });
        long acknowledged =
                outcomes.stream().filter(WriteOutcome.Written.class::isInstance).count();
        assertThat(await(store.count())).isEqualTo(acknowledged);
        assertThat(acknowledged).isPositive();
    }
}
