package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.storage.journal.FrameReader;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Tombstone;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.pcollections.TreePMap;

/** Brings a checkpoint, the pair of array and metadata, into memory: both are read once, side by side. */
final class Loader {
    private static final Comparator<Held> LISTING = (a, b) -> Entry.compareForListing(a.entry(), b.entry());

    private final JsonStoreConfig config;
    private final Interner interner;
    private final RecordJson json;

    Loader(JsonStoreConfig config, Interner interner, RecordJson json) {
        this.config = config;
        this.interner = interner;
        this.json = json;
    }

    /** What the metadata says; its lists are in the order of ids. */
    static final class Rows {
        final List<MetaFile.Row> entries = new ArrayList<>();
        final List<Tombstone> tombstones = new ArrayList<>();
        final List<ChangeSet> keys = new ArrayList<>();
    }

    Rows rows(MetaFile.Header header) throws IOException {
        Rows rows = new Rows();
        try (FrameReader reader = new FrameReader(header.file())) {
            MetaFile.read(reader, new MetaFile.Visitor() {
                @Override
                public void key(byte[] set) {
                    rows.keys.add(json.set(set));
                }

                @Override
                public void entry(MetaFile.Row row) {
                    rows.entries.add(row);
                }

                @Override
                public void tombstone(MetaFile.Row row) {
                    rows.tombstones.add(new Tombstone(row.id(), row.version(), row.epoch(), row.change()));
                }
            });
        }
        return rows;
    }

    /** The view of a checkpoint whose digest was seen to fit the array that is there. */
    View load(MetaFile.Header header) throws IOException {
        Rows rows = rows(header);
        List<Held> held = new ArrayList<>(rows.entries.size());
        try (InputStream in = new BufferedInputStream(Files.newInputStream(config.array()), 1 << 18)) {
            ArrayFile.read(in, new EntryReader(interner), entry -> {
                if (held.size() >= rows.entries.size()) {
                    throw new IOException("the metadata has no row for entry " + entry.id());
                }
                MetaFile.Row row = rows.entries.set(held.size(), null);
                if (row.id() != entry.id()) {
                    throw new IOException("the metadata has entry " + row.id() + " where the array has " + entry.id());
                }
                held.add(new Held(entry, row.version(), row.epoch(), row.change(), row.digest()));
            });
        } catch (IOException e) {
            throw MetaFile.damage(config.array(), -1, "it cannot be read with its metadata: " + e.getMessage());
        }
        if (held.size() != rows.entries.size()) {
            throw MetaFile.damage(header.file(), -1, "it has rows that the array has not");
        }
        return view(header, held, rows);
    }

    /** @param held in the order of ids */
    View view(MetaFile.Header header, List<Held> held, Rows rows) {
        View view = newView();
        MetaFile.restore(header, view);
        fill(view, held);
        view.tombstones = TreePMap.fromSortedMap(new SortedPairs<>(rows.tombstones, Tombstone::id, null));
        rows.keys.forEach(view::recall);
        return view;
    }

    View newView() {
        return new View(config.recentChanges(), config.idempotencyKeys());
    }

    /** @param held in the order of ids; sorted otherwise afterwards */
    static void fill(View view, List<Held> held) {
        view.byId =
                TreePMap.fromSortedMap(new SortedPairs<>(held, h -> h.entry().id(), null));
        List<Held> listed = new ArrayList<>(held);
        listed.sort(LISTING);
        view.listed = TreePMap.fromSortedMap(new SortedPairs<>(listed, h -> h, LISTING));
        if (!held.isEmpty()) {
            view.raiseIds(held.get(held.size() - 1).entry().id());
        }
    }
}
