package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.internal.WayBackClosing;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.InSyncMark;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.smallrye.mutiny.Uni;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The JSON store together with what only files have. */
public interface JsonSide {

    LedgerStore store();

    InSyncMark mark();

    /** Made with the store's first file; PostgreSQL remembers it and refuses every other one (A44). */
    UUID identity();

    /** The head of the log when the store that rules now, this one or the other, began to. */
    long ruledFrom();

    /** Records that the first take could not take in. */
    long rejected();

    /** What a person should know: foreign edits kept aside and the like. */
    List<String> notices();

    /** Where the journal should be cut to be within its size in bytes again; empty while it is. */
    Optional<Long> logOverLimit();

    /** Finishes a restore that a crash interrupted; asked before anything is served. */
    default Uni<Void> finishRestore() {
        return Uni.createFrom().voidItem();
    }

    /** Brings the array file up to date now. */
    Uni<Void> checkpoint();

    /**
     * The JSON files as the old backend reads them, as {@code json_backup_YYYYMMDD_HHMMSS.tar.gz}, or with {@code -1}, {@code -2}
     * behind the second where that is taken; they stay in place.
     */
    Uni<Path> archive();

    /** How the store was given up; empty while it was not. */
    Optional<WayBackClosing.Done> closed();

    /**
     * Archives all of the store's files and deletes them; durable. Nobody writes to the store meanwhile. Fails with nothing given
     * up, or ({@link #closed} tells) with files left behind, which a repetition or the next start deletes.
     *
     * @param rule that rules now, without this store
     */
    Uni<WayBackClosing.Done> giveUp(Rule rule, String by, String reason);
}
