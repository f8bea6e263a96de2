package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import io.homebudget.ledger.storage.store.Tombstone;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/** What a comparison with the other store reads, from memory or from what a restart would read. Blocks. */
final class Comparing {
    private final JsonStoreConfig config;
    private final Checkpointer checkpointer;
    private final RecordJson json;

    Comparing(JsonStoreConfig config, Checkpointer checkpointer, RecordJson json) {
        this.config = config;
        this.checkpointer = checkpointer;
        this.json = json;
    }

    BucketDigests digests(View view, int buckets, DataSource source) throws IOException {
        if (source == DataSource.DISK) {
            try (DiskImage disk = DiskImage.open(config, checkpointer, json)) {
                return disk.digests(buckets);
            }
        }
        BucketSums sums = new BucketSums(buckets);
        for (Held held : view.byId.values()) {
            sums.add(held);
        }
        return sums.result(view.position);
    }

    List<EntryState> states(View view, int buckets, int bucket, DataSource source) throws IOException {
        if (source == DataSource.DISK) {
            try (DiskImage disk = DiskImage.open(config, checkpointer, json)) {
                return disk.states(buckets, bucket);
            }
        }
        List<EntryState> states = new ArrayList<>();
        for (Held held : view.byId.values()) {
            if (held.entry().id() % buckets == bucket) {
                states.add(state(held));
            }
        }
        for (Tombstone tombstone : view.tombstones.values()) {
            if (tombstone.id() % buckets == bucket) {
                states.add(state(tombstone));
            }
        }
        return states;
    }

    /** Each read at a moment of its own. */
    static List<EntryState> states(Supplier<View> now, Collection<Long> ids) {
        List<EntryState> states = new ArrayList<>(ids.size());
        for (long id : ids) {
            View view = now.get();
            if (view.byId.containsKey(id)) {
                states.add(state(view.byId.get(id)));
            } else if (view.tombstones.containsKey(id)) {
                states.add(state(view.tombstones.get(id)));
            }
        }
        return states;
    }

    private static EntryState state(Held held) {
        return new EntryState(
                held.entry().id(),
                held.version(),
                held.epoch(),
                held.changeId(),
                false,
                held.digest(),
                EntryDigest.of(held.entry()));
    }

    private static EntryState state(Tombstone tombstone) {
        return new EntryState(
                tombstone.id(), tombstone.version(), tombstone.epoch(), tombstone.changeId(), true, null, null);
    }
}
