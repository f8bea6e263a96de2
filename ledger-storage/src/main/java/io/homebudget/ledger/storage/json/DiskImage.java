package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.storage.journal.Frame;
import io.homebudget.ledger.storage.journal.FrameReader;
import io.homebudget.ledger.storage.store.Decider;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Tombstone;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongPredicate;

/**
 * What a restart would read, folded from array file, metadata and journal while the store runs: so that damage on disk is found
 * before a restart needs the files. Memory: some 200 bytes for each entry that the journal changed since the last checkpoint, of
 * which there are at most about 7 % of all before the next one is due; nothing grows with the array.
 */
final class DiskImage implements AutoCloseable {

    /**
     * What the journal says about an id.
     *
     * @param actual the digest of its values; null where there are none
     * @param forced written by a full synchronisation, which decided against the checkpoint already
     * @param dropped as if it had never been
     */
    private record Over(
            long version, long epoch, UUID change, UUID digest, UUID actual, boolean forced, boolean dropped) {

        static Over of(Held held) {
            return new Over(
                    held.version(),
                    held.epoch(),
                    held.changeId(),
                    held.digest(),
                    EntryDigest.of(held.entry()),
                    true,
                    false);
        }

        static Over of(Tombstone gone) {
            return new Over(gone.version(), gone.epoch(), gone.changeId(), null, null, true, false);
        }
    }

    private final View view;
    private final InputStream array;
    private final FrameReader meta;
    private final long metaFrame;
    private final List<FrameReader> journal;
    private final RecordJson json;
    private final Map<Long, Over> overlay = new HashMap<>();
    /** Which ids are looked at. */
    private LongPredicate wanted = id -> true;
    /** The values that the journal tells of, where they are asked for; null where not. */
    private Map<Long, Entry> values;

    private DiskImage(
            View view,
            InputStream array,
            FrameReader meta,
            long metaFrame,
            List<FrameReader> journal,
            RecordJson json) {
        this.view = view;
        this.array = array;
        this.meta = meta;
        this.metaFrame = metaFrame;
        this.journal = journal;
        this.json = json;
    }

    static DiskImage open(JsonStoreConfig config, Checkpointer files, RecordJson json) throws IOException {
        return files.pinned((view, pair, journal) -> {
            InputStream array = new BufferedInputStream(Files.newInputStream(config.array()), 1 << 18);
            try {
                return new DiskImage(view, array, new FrameReader(pair.meta()), pair.frame(), journal, json);
            } catch (IOException e) {
                array.close();
                throw e;
            }
        });
    }

    /** Blocks for about a second per million entries. */
    BucketDigests digests(int buckets) throws IOException {
        readJournal();
        MetaFile.read(meta, new MetaFile.Visitor() {
            @Override
            public void entry(MetaFile.Row row) {
                forgetIfOlder(row);
            }

            @Override
            public void tombstone(MetaFile.Row row) {
                forgetIfOlder(row);
            }
        });
        BucketSums sums = new BucketSums(buckets);
        ArrayFile.read(array, new EntryReader(new Interner()), entry -> {
            if (!overlay.containsKey(entry.id())) {
                sums.add(entry);
            }
        });
        overlay.forEach((id, over) -> {
            if (over.actual() != null) {
                sums.add(id, over.actual());
            }
        });
        return sums.result(view.position);
    }

    List<EntryState> states(int buckets, int bucket) throws IOException {
        wanted = id -> id % buckets == bucket;
        readJournal();
        Map<Long, MetaFile.Row> rows = new HashMap<>();
        List<EntryState> states = new ArrayList<>();
        MetaFile.read(meta, new MetaFile.Visitor() {
            @Override
            public void entry(MetaFile.Row row) {
                forgetIfOlder(row);
                if (row.id() % buckets == bucket) {
                    rows.put(row.id(), row);
                }
            }

            @Override
            public void tombstone(MetaFile.Row row) {
                forgetIfOlder(row);
                if (row.id() % buckets == bucket && !overlay.containsKey(row.id())) {
                    states.add(new EntryState(row.id(), row.version(), row.epoch(), row.change(), true, null, null));
                }
            }
        });
        ArrayFile.read(array, new EntryReader(new Interner()), entry -> {
            if (entry.id() % buckets == bucket && !overlay.containsKey(entry.id())) {
                states.add(state(entry, rows.get(entry.id())));
            }
        });
        overlay.forEach((id, over) -> {
            if (id % buckets == bucket && !over.dropped()) {
                states.add(new EntryState(
                        id,
                        over.version(),
                        over.epoch(),
                        over.change(),
                        over.actual() == null,
                        over.digest(),
                        over.actual()));
            }
        });
        return states;
    }

    /** The rows under these ids with their values; an array's entry of which the metadata says nothing has version 0. */
    List<ImageRow> rows(Set<Long> ids) throws IOException {
        wanted = ids::contains;
        values = new HashMap<>();
        readJournal();
        Map<Long, MetaFile.Row> known = new HashMap<>();
        List<ImageRow> rows = new ArrayList<>();
        MetaFile.read(meta, new MetaFile.Visitor() {
            @Override
            public void entry(MetaFile.Row row) {
                forgetIfOlder(row);
                if (ids.contains(row.id())) {
                    known.put(row.id(), row);
                }
            }

            @Override
            public void tombstone(MetaFile.Row row) {
                forgetIfOlder(row);
                if (ids.contains(row.id()) && !overlay.containsKey(row.id())) {
                    rows.add(new ImageRow(null, new Tombstone(row.id(), row.version(), row.epoch(), row.change())));
                }
            }
        });
        ArrayFile.read(array, new EntryReader(new Interner()), entry -> {
            if (ids.contains(entry.id()) && !overlay.containsKey(entry.id())) {
                MetaFile.Row row = known.get(entry.id());
                Held held = row == null
                        ? new Held(entry, 0, 0, null, null)
                        : new Held(entry, row.version(), row.epoch(), row.change(), row.digest());
                rows.add(new ImageRow(held, null));
            }
        });
        overlay.forEach((id, over) -> {
            if (!over.dropped()) {
                Entry entry = values.get(id);
                rows.add(
                        entry == null
                                ? new ImageRow(null, new Tombstone(id, over.version(), over.epoch(), over.change()))
                                : new ImageRow(
                                        new Held(entry, over.version(), over.epoch(), over.change(), over.digest()),
                                        null));
            }
        });
        return rows;
    }

    private void remember(long id, Entry entry) {
        if (values != null) {
            values.put(id, entry);
        }
    }

    private static EntryState state(Entry entry, MetaFile.Row row) {
        UUID actual = EntryDigest.of(entry);
        return row == null
                ? new EntryState(entry.id(), 0, 0, null, false, null, actual)
                : new EntryState(entry.id(), row.version(), row.epoch(), row.change(), false, row.digest(), actual);
    }

    /** The journal may repeat what the checkpoint holds in a newer version: then the checkpoint's stands. */
    private void forgetIfOlder(MetaFile.Row row) {
        Over over = overlay.get(row.id());
        if (over != null
                && !over.forced()
                && !Decider.supersedes(over.version(), over.epoch(), row.version(), row.epoch())) {
            overlay.remove(row.id());
        }
    }

    private void readJournal() throws IOException {
        for (FrameReader reader : journal) {
            for (Frame frame = reader.nextUpTo(view.frame); frame != null; frame = reader.nextUpTo(view.frame)) {
                if (frame.number() > metaFrame) {
                    fold(frame);
                }
            }
        }
    }

    private void fold(Frame frame) {
        switch (frame.type()) {
            case CHANGES -> {
                ChangeSet set = json.set(frame.payload());
                for (Change change : set.changes()) {
                    fold(change, set.rule().epoch());
                }
            }
            case IMAGE_ROWS -> {
                for (ImageRow row : json.rows(frame.payload())) {
                    if (wanted.test(row.id())) {
                        overlay.put(row.id(), row.held() != null ? Over.of(row.held()) : Over.of(row.tombstone()));
                        remember(
                                row.id(), row.held() == null ? null : row.held().entry());
                    }
                }
            }
            case ROWS_REMOVED -> RecordJson.tree(frame.payload()).path("ids").forEach(id -> drop(id.asLong()));
            default -> {
                // says nothing about an entry
            }
        }
    }

    private void drop(long id) {
        if (wanted.test(id)) {
            overlay.put(id, new Over(0, 0, null, null, null, true, true));
        }
    }

    private void fold(Change change, long epoch) {
        if (!wanted.test(change.entryId())) {
            return;
        }
        Over known = overlay.get(change.entryId());
        if (known == null || Decider.supersedes(change.version(), epoch, known.version(), known.epoch())) {
            overlay.put(
                    change.entryId(),
                    new Over(
                            change.version(),
                            epoch,
                            change.id(),
                            change.digest(),
                            change.after() == null ? null : EntryDigest.of(change.after()),
                            known != null && known.forced(),
                            false));
            remember(change.entryId(), change.after());
        }
    }

    @Override
    public void close() throws IOException {
        array.close();
        meta.close();
        for (FrameReader reader : journal) {
            reader.close();
        }
    }
}
