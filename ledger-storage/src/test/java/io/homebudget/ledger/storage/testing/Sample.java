package io.homebudget.ledger.storage.testing;

import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.change.IdempotencyKey;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Edit;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.error.Verdict;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.IfMatch;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.WriteRequest;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Entries, requests and sets for tests. */
public final class Sample {
    public static final LocalDate DAY = LocalDate.of(2026, 3, 14);
    public static final Instant NOON = Instant.parse("2026-03-14T12:00:00Z");

    private Sample() {}

    /** An entry that is legal in both kinds. */
    public static Entry entry(long id, int nth) {
        return new Entry(id, DAY.plusDays(nth % 28), null, "food", 1_000L + nth, "cash", "₪", "note " + nth);
    }

    public static Entry draft(int nth) {
        return entry(0, nth);
    }

    public static WriteRequest create(int nth) {
        return create(draft(nth));
    }

    public static WriteRequest create(Entry draft) {
        return new WriteRequest(new Intent.Create(draft), "user", null);
    }

    public static WriteRequest keyed(Intent intent, String key, int request) {
        return new WriteRequest(intent, "user", new IdempotencyKey(key, new UUID(7, request)));
    }

    public static WriteRequest modify(long id, Field field, Object value) {
        return modify(id, Verdict.accept(edit(field, value)), IfMatch.NONE);
    }

    public static WriteRequest modify(long id, Verdict<Edit> edit, IfMatch ifMatch) {
        return new WriteRequest(new Intent.Modify(id, edit, ifMatch), "user", null);
    }

    public static Edit edit(Field field, Object value) {
        HashMap<Field, Object> values = new HashMap<>();
        values.put(field, value);
        return new Edit(values);
    }

    public static Edit edit(Map<Field, Object> values) {
        return new Edit(values);
    }

    public static WriteRequest delete(long id) {
        return new WriteRequest(new Intent.Delete(id, IfMatch.NONE), "user", null);
    }

    public static WriteRequest bulkDelete(Long... ids) {
        return new WriteRequest(new Intent.BulkDelete(List.of(ids)), "user", null);
    }

    public static Change created(Entry entry) {
        return new Change(UUID.randomUUID(), entry.id(), 1, Action.CREATED, null, entry, EntryDigest.of(entry));
    }

    public static Change updated(Change before, Entry after) {
        return new Change(
                UUID.randomUUID(),
                after.id(),
                before.version() + 1,
                Action.UPDATED,
                before.after(),
                after,
                EntryDigest.of(after));
    }

    public static Change deleted(Change before) {
        return new Change(
                UUID.randomUUID(), before.entryId(), before.version() + 1, Action.DELETED, before.after(), null, null);
    }

    public static ChangeSet set(long position, Rule rule, Change... changes) {
        return new ChangeSet(
                position, changes[0].id(), rule, NOON.plusMillis(position), "user", null, List.of(changes));
    }

    public static Held held(Change change, long epoch) {
        return Held.after(change, epoch);
    }
}
