package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.storage.journal.FrameType;
import io.homebudget.ledger.storage.store.Decider;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** Writes as primary: the decision itself is {@link Decider}'s, the same as in the other store. */
final class Writing {
    private final RecordJson json;
    private final Clock clock;
    private final Supplier<UUID> ids;

    /** Of the journal's thread, on which every step runs. */
    private final Interner interner = new Interner();

    Writing(RecordJson json, Clock clock, Supplier<UUID> ids) {
        this.json = json;
        this.clock = clock;
        this.ids = ids;
    }

    JournalThread.Step<WriteOutcome> write(WriteRequest request, long epoch) {
        return (draft, recorder) -> {
            if (!draft.rulesIn(epoch)) {
                return new WriteOutcome.Fenced();
            }
            if (request.key() != null) {
                ChangeSet first = draft.answerOf(request.key().key(), clock.instant());
                if (first != null) {
                    return first.key().request().equals(request.key().request())
                            ? new WriteOutcome.Written(first, true)
                            : new WriteOutcome.Refused(Decider.KEY_REUSED);
                }
            }
            return decide(request, draft, recorder);
        };
    }

    private WriteOutcome decide(WriteRequest request, View draft, JournalThread.Recorder recorder) {
        Intent intent = request.intent();
        if (intent instanceof Intent.Create create) {
            long id = draft.ids + 1;
            if (id > Entry.MAX_ID) {
                return refused(LedgerError.CONFLICT, "There is no id left.");
            }
            Change change = Decider.create(create.draft(), id, draft.versionOf(id), ids.get());
            return written(List.of(change), request, draft, recorder);
        }
        if (intent instanceof Intent.Import records) {
            List<Long> given = givenIds(records.drafts(), records.newAbove(), draft);
            if (Collections.max(given) > Entry.MAX_ID) {
                return refused(LedgerError.CONFLICT, "There are not enough ids left.");
            }
            List<Change> changes = new ArrayList<>();
            for (Entry entry : records.drafts()) {
                changes.add(Decider.create(entry, given.get(changes.size()), 0, ids.get()));
            }
            return written(changes, request, draft, recorder);
        }
        if (intent instanceof Intent.BulkDelete bulk) {
            List<Change> changes = new ArrayList<>();
            for (long id : bulk.ids()) {
                Held held = draft.live(id);
                if (held != null) {
                    changes.add(Decider.deletion(held, ids.get()));
                }
            }
            return changes.isEmpty() ? new WriteOutcome.Unchanged(null) : written(changes, request, draft, recorder);
        }
        Held current;
        Decider.Decision decision;
        if (intent instanceof Intent.Modify modify) {
            current = draft.live(modify.id());
            decision = Decider.modify(modify, current, ids.get());
        } else {
            Intent.Delete delete = (Intent.Delete) intent;
            current = draft.live(delete.id());
            decision = Decider.delete(delete, current, ids.get());
        }
        if (decision.refusal() != null) {
            return new WriteOutcome.Refused(decision.refusal());
        }
        return decision.unchanged()
                ? new WriteOutcome.Unchanged(current)
                : written(List.of(decision.change()), request, draft, recorder);
    }

    /** An id for each draft, the wanted one where no entry ever had it. */
    private static List<Long> givenIds(List<Entry> drafts, long newAbove, View draft) {
        Set<Long> kept = new HashSet<>();
        long last = draft.ids;
        for (Entry entry : drafts) {
            if (Intent.Import.mayKeep(entry) && !draft.knows(entry.id()) && kept.add(entry.id())) {
                last = Math.max(last, entry.id());
            }
        }
        last = Math.max(last, newAbove);
        List<Long> given = new ArrayList<>(drafts.size());
        for (Entry entry : drafts) {
            given.add(kept.remove(entry.id()) ? entry.id() : ++last);
        }
        return given;
    }

    private WriteOutcome written(
            List<Change> changes, WriteRequest request, View draft, JournalThread.Recorder recorder) {
        ChangeSet set = new ChangeSet(
                draft.nextPosition(),
                ids.get(),
                draft.decided,
                draft.timeOf(clock.instant()),
                request.by(),
                request.key(),
                changes);
        commit(set, draft, recorder);
        return new WriteOutcome.Written(set, false);
    }

    /** The changes of an edited array file, as this primary's own. */
    JournalThread.Step<Void> takeIn(List<Change> changes) {
        return (draft, recorder) -> {
            commit(
                    new ChangeSet(
                            draft.nextPosition(),
                            ids.get(),
                            draft.ruleOrFirst(),
                            draft.timeOf(clock.instant()),
                            "file",
                            null,
                            changes),
                    draft,
                    recorder);
            return null;
        };
    }

    private void commit(ChangeSet set, View draft, JournalThread.Recorder recorder) {
        recorder.record(FrameType.CHANGES, json.set(set));
        draft.fold(interner.set(set));
    }

    private static WriteOutcome refused(LedgerError error, String detail) {
        return new WriteOutcome.Refused(Refusal.of(error, detail));
    }
}
