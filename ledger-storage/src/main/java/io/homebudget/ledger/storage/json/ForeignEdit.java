package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import io.homebudget.ledger.storage.store.Held;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The difference between an array that somebody edited and the checkpoint that it was based on, found by digests: the earlier
 * values themselves were overwritten with the file.
 */
final class ForeignEdit {
    private final MetaFile.Header header;
    private final Loader.Rows rows;
    private final ForeignArray array;
    private final Map<Long, MetaFile.Row> base = new HashMap<>();
    private final Map<Long, Entry> edited = new TreeMap<>();
    private final Map<Long, Entry> added = new TreeMap<>();
    private final Map<Long, MetaFile.Row> missing = new TreeMap<>();

    ForeignEdit(MetaFile.Header header, Loader.Rows rows, ForeignArray array) {
        this.header = header;
        this.rows = rows;
        this.array = array;
        for (MetaFile.Row row : rows.entries) {
            base.put(row.id(), row);
            Entry entry = array.entries().get(row.id());
            if (entry == null) {
                missing.put(row.id(), row);
            } else if (!EntryDigest.of(entry).equals(row.digest())) {
                edited.put(row.id(), entry);
            }
        }
        array.entries().forEach((id, entry) -> {
            if (!base.containsKey(id)) {
                added.put(id, entry);
            }
        });
    }

    MetaFile.Header header() {
        return header;
    }

    Loader.Rows rows() {
        return rows;
    }

    int size() {
        return edited.size() + added.size() + missing.size();
    }

    /** An entry that was edited into something illegal has lost its old values and has no new ones: a person must decide. */
    void refuseDamagedRecords(Path file) {
        for (ForeignArray.Reject reject : array.rejects()) {
            if (reject.id() != null && missing.containsKey(reject.id())) {
                throw new RecoveryRequired(
                        file,
                        -1,
                        "it was edited, and the record of entry " + reject.id() + " in line " + reject.line()
                                + " cannot be taken: " + reject.reason(),
                        "Correct that record, or restore a snapshot.");
            }
        }
    }

    /** The entries of the checkpoint, with the file's values, under what the checkpoint recorded of them; by id. */
    List<Held> base() {
        List<Held> held = new ArrayList<>(rows.entries.size());
        for (MetaFile.Row row : rows.entries) {
            Entry entry = array.entries().get(row.id());
            if (entry != null) {
                held.add(new Held(entry, row.version(), row.epoch(), row.change(), row.digest()));
            }
        }
        held.sort(Comparator.comparingLong(h -> h.entry().id()));
        return held;
    }

    /** Leaves a follower as its file says, so that whoever compares finds every difference. */
    void showAsDamage(View view) {
        added.forEach((id, entry) -> {
            if (!view.knows(id)) {
                view.put(new Held(entry, 0, 0, null, null));
            }
        });
    }

    /** The changes that make the edit the ledger's own. Where the journal changed the same entry since, ours stays. */
    List<Change> changes(View view, Supplier<UUID> ids, Notices notices) {
        List<Change> changes = new ArrayList<>();
        edited.forEach((id, entry) -> {
            MetaFile.Row row = base.get(id);
            if (touched(view, row)) {
                conflict(view, id, entry, notices);
            } else {
                changes.add(new Change(
                        ids.get(), id, row.version() + 1, Action.UPDATED, null, entry, EntryDigest.of(entry)));
            }
        });
        missing.forEach((id, row) -> {
            if (!view.knows(id)) {
                changes.add(new Change(ids.get(), id, row.version() + 1, Action.DELETED, null, null, null));
            } else {
                conflict(view, id, null, notices);
            }
        });
        added.forEach((id, entry) -> {
            if (view.live(id) == null) {
                changes.add(new Change(
                        ids.get(), id, view.versionOf(id) + 1, Action.CREATED, null, entry, EntryDigest.of(entry)));
            } else {
                conflict(view, id, entry, notices);
            }
        });
        return changes;
    }

    private static boolean touched(View view, MetaFile.Row row) {
        return view.versionOf(row.id()) != row.version() || !row.change().equals(view.changeOf(row.id()));
    }

    private static void conflict(View view, long id, Entry edit, Notices notices) {
        Held ours = view.live(id);
        Entry standing = ours == null ? null : ours.entry();
        if (edit == null ? standing != null : !edit.equals(standing)) {
            notices.add("Entry " + id + " was changed both in the edited array file and, later, through the service: "
                    + "the service's change stays, the edit is in the file kept aside.");
        }
    }
}
