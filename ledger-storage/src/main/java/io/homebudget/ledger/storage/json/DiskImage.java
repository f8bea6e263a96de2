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
import io.homebudget.ledger.storage.store.ImageRow;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What a restart would read, folded from array file, metadata and journal while the store runs: so that damage on disk is found
 * before a restart needs the files. Memory grows with the journal since the last checkpoint, not with the array.
 */
final class DiskImage implements AutoCloseable {

    /**
     * What the journal says about an id.
     *
     * @param forced written by a full synchronisation, which decided against the checkpoint already
     * @param dropped as if it had never been
     */
    private record Over(
            long version, long epoch, UUID change, UUID digest, Entry entry, boolean forced, boolean dropped) {}

    private final View view;
    private final InputStream array;
    private final FrameReader meta;
    private final long metaFrame;
    private final List<FrameReader> journal;
    private final RecordJson json;
    private final Map<Long, Over> overlay = new HashMap<>();

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
        for (Over over : overlay.values()) {
            if (over.entry() != null) {
                sums.add(over.entry());
            }
        }
        return sums.result(view.position);
    }

    List<EntryState> states(int buckets, int bucket) throws IOException {
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
                UUID actual = over.entry() == null ? null : EntryDigest.of(over.entry());
                states.add(new EntryState(
                        id, over.version(), over.epoch(), over.change(), actual == null, over.digest(), actual));
            }
        });
        return states;
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
                    overlay.put(
                            row.id(),
                            row.held() != null
                                    ? new Over(
                                            row.version(),
                                            row.held().epoch(),
                                            row.held().changeId(),
                                            row.held().digest(),
                                            row.held().entry(),
                                            true,
                                            false)
                                    : new Over(
                                            row.version(),
                                            row.tombstone().epoch(),
                                            row.tombstone().changeId(),
                                            null,
                                            null,
                                            true,
                                            false));
                }
            }
            case ROWS_REMOVED ->
                RecordJson.tree(frame.payload())
                        .path("ids")
                        .forEach(id -> overlay.put(id.asLong(), new Over(0, 0, null, null, null, true, true)));
            default -> {
                // says nothing about an entry
            }
        }
    }

    private void fold(Change change, long epoch) {
        Over known = overlay.get(change.entryId());
        if (known == null || Decider.supersedes(change.version(), epoch, known.version(), known.epoch())) {
            overlay.put(
                    change.entryId(),
                    new Over(
                            change.version(),
                            epoch,
                            change.id(),
                            change.digest(),
                            change.after(),
                            known != null && known.forced(),
                            false));
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
