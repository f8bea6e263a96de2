package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.entry.Edit;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.error.Verdict;
import java.util.List;

/** What a client wants done. Shape and syntax were checked before; the rest is decided by {@link Decider}. */
public sealed interface Intent {

    /** @param draft validated values; its id is 0 and is given by the store */
    record Create(Entry draft) implements Intent {}

    /** @param edit the new values, or the refusal to give if the entry exists (a missing entry is the first answer) */
    record Modify(long id, Verdict<Edit> edit, IfMatch ifMatch) implements Intent {}

    record Delete(long id, IfMatch ifMatch) implements Intent {}

    /** Deletes those of {@code ids} that exist, as one set. @param ids ascending, without repetition */
    record BulkDelete(List<Long> ids) implements Intent {
        public BulkDelete {
            ids = ids.stream().sorted().distinct().toList();
        }
    }
}
