package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import io.homebudget.ledger.storage.store.Tombstone;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** What the store holds, for comparing: in memory, as readers get it, or on disk, as a restart would. Blocks. */
final class Comparing {
    private final JsonStoreConfig config;
    private final Checkpointer files;
    private final RecordJson json;
    private final Supplier<View> view;
    private final RollingSums sums;

    Comparing(JsonStoreConfig config, Checkpointer files, RecordJson json, Supplier<View> view) {
        this.config = config;
        this.files = files;
        this.json = json;
        this.view = view;
        this.sums = new RollingSums(view);
    }

    BucketDigests digests(int buckets, DataSource source) throws IOException {
        if (source == DataSource.SERVED) {
            return sums.digests(buckets);
        }
        try (DiskImage disk = DiskImage.open(config, files, json)) {
            return disk.digests(buckets);
        }
    }

    List<EntryState> states(int buckets, int bucket, DataSource source) throws IOException {
        if (source == DataSource.SERVED) {
            return states(view.get(), buckets, bucket);
        }
        try (DiskImage disk = DiskImage.open(config, files, json)) {
            return disk.states(buckets, bucket);
        }
    }

    private static List<EntryState> states(View view, int buckets, int bucket) {
        List<EntryState> states = new ArrayList<>();
        if (view.ids / buckets < view.byId.size() + view.tombstones.size()) {
            // the ids that could be in the bucket are fewer than the entries
            for (long id = bucket; id <= view.ids; id += buckets) {
                add(view, id, states);
            }
            return states;
        }
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

    /** Each as of a moment of its own. */
    List<EntryState> states(Collection<Long> ids) {
        List<EntryState> states = new ArrayList<>(ids.size());
        for (long id : ids) {
            add(view.get(), id, states);
        }
        return states;
    }

    /** Of these ids what a restart would read; what it would not find is left out. */
    List<ImageRow> rowsOnDisk(Collection<Long> ids) throws IOException {
        try (DiskImage disk = DiskImage.open(config, files, json)) {
            return disk.rows(Set.copyOf(ids));
        }
    }

    private static void add(View view, long id, List<EntryState> states) {
        Held held = view.live(id);
        Tombstone tombstone = held == null ? view.tombstones.get(id) : null;
        if (held != null) {
            states.add(state(held));
        } else if (tombstone != null) {
            states.add(state(tombstone));
        }
    }

    private static EntryState state(Held held) {
        Entry entry = held.entry();
        return new EntryState(
                entry.id(), held.version(), held.epoch(), held.changeId(), false, held.digest(), EntryDigest.of(entry));
    }

    private static EntryState state(Tombstone gone) {
        return new EntryState(gone.id(), gone.version(), gone.epoch(), gone.changeId(), true, null, null);
    }
}
