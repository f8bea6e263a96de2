package io.homebudget.ledger.storage.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Tombstone;
import io.homebudget.ledger.storage.testing.Sample;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Sums that follow what changes are always those that adding everything up would give. */
class RollingSumsTest {
    private View view = new View(100, 100);
    private final RollingSums sums = new RollingSums(() -> view);

    private static Held held(long id, int nth, boolean damaged) {
        Entry entry = Sample.entry(id, nth);
        UUID digest = EntryDigest.of(entry);
        return new Held(entry, nth + 1, 1, UUID.randomUUID(), damaged ? new UUID(0, nth) : digest);
    }

    private void isAsAddedUp(int buckets) {
        BucketSums all = new BucketSums(buckets);
        view.byId.values().forEach(all::add);
        BucketDigests expected = all.result(view.position);
        assertThat(sums.digests(buckets)).usingRecursiveComparison().isEqualTo(expected);
    }

    @Property(tries = 200)
    void after_any_history_they_are_as_added_up(@ForAll long seed, @ForAll @IntRange(min = 1, max = 50) int buckets) {
        view = new View(100, 100);
        RollingSums rolling = new RollingSums(() -> view);
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            View next = view.copy();
            long id = 1 + random.nextInt(60);
            switch (random.nextInt(5)) {
                case 0 -> next.bury(new Tombstone(id, i + 1, 1, UUID.randomUUID()));
                case 1 -> next.drop(id);
                default -> next.put(held(id, i, random.nextInt(8) == 0));
            }
            next.position = i;
            // a batch that did not become durable is never seen
            if (random.nextInt(10) > 0) {
                view = next;
            }
            if (random.nextInt(20) == 0) {
                BucketSums all = new BucketSums(buckets);
                view.byId.values().forEach(all::add);
                assertThat(rolling.digests(buckets)).usingRecursiveComparison().isEqualTo(all.result(view.position));
            }
        }
    }

    @Test
    void changes_that_are_forgotten_make_them_add_up_anew() {
        for (long id = 1; id <= 100; id++) {
            view.put(held(id, 1, false));
        }
        isAsAddedUp(7);
        for (int i = 0; i < Steps.MOST + 10; i++) {
            view.put(held(1 + i % 100, i % 1_000, false));
        }
        isAsAddedUp(7);
        view.drop(5);
        isAsAddedUp(7);
    }

    @Test
    void numbers_of_buckets_do_not_disturb_each_other() {
        for (int round = 0; round < 3; round++) {
            for (int buckets = 1; buckets <= 6; buckets++) {
                view.put(held(buckets, round, false));
                isAsAddedUp(buckets);
            }
        }
    }

    @Test
    void an_answer_does_not_change_when_the_entries_do() {
        view.put(held(1, 1, false));
        BucketDigests before = sums.digests(3);
        long high = before.high()[1];
        view.put(held(4, 1, false));
        sums.digests(3);
        assertThat(before.high()[1]).isEqualTo(high);
        assertThat(before.counts()[1]).isEqualTo(1);
    }
}
