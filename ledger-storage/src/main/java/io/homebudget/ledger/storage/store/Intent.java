package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.entry.Edit;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.error.Verdict;
import io.homebudget.ledger.internal.ImportBatch;
import java.util.List;

/** What a client wants done. Shape and syntax were checked before; the rest is decided by {@link Decider}. */
public sealed interface Intent {

    /** @param draft validated values; its id is 0 and is given by the store */
    record Create(Entry draft) implements Intent {}

    /** @param edit the new values, or the refusal to give if the entry exists (a missing entry is the first answer) */
    record Modify(long id, Verdict<Edit> edit, IfMatch ifMatch) implements Intent {}

    record Delete(long id, IfMatch ifMatch) implements Intent {}

    /**
     * Creates many entries as one set, all or none.
     *
     * @param drafts validated values, 1 to {@link #MOST}; an id above 0 is a wish: it is kept where neither an entry nor a
     *     tombstone has it and no earlier draft wants it, else a new one is given. The set's changes are in the order of the drafts
     * @param newAbove new ids are higher than this; 0 to {@link #HIGHEST_KEPT}
     */
    record Import(List<Entry> drafts, long newAbove) implements Intent {
        public static final int MOST = 1_000;
        /** Wishes above are not granted. */
        public static final long HIGHEST_KEPT = ImportBatch.HIGHEST_KEPT;

        /** Whether the draft's wish can be granted at all. */
        public static boolean mayKeep(Entry draft) {
            return draft.id() > 0 && draft.id() <= HIGHEST_KEPT;
        }

        public Import {
            drafts = List.copyOf(drafts);
            if (drafts.isEmpty() || drafts.size() > MOST) {
                throw new IllegalArgumentException("an import is 1 to " + MOST + " entries, not " + drafts.size());
            }
            if (newAbove < 0 || newAbove > HIGHEST_KEPT) {
                throw new IllegalArgumentException("new ids cannot be above " + newAbove);
            }
        }
    }

    /** Deletes those of {@code ids} that exist, as one set. @param ids ascending, without repetition */
    record BulkDelete(List<Long> ids) implements Intent {
        public BulkDelete {
            ids = ids.stream().sorted().distinct().toList();
        }
    }
}
