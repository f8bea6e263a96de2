package io.homebudget.migration.ledgers;

import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.internal.LogPage;
import io.homebudget.ledger.phase.StoreName;
import io.smallrye.mutiny.Uni;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * Both stores of a kind as a comparison reads them. Every answer is of a moment of its own; nothing here locks anything.
 *
 * <p>Fails with {@link LedgerAway} when the ledger service or the asked store cannot answer.
 */
public interface Stores {

    /** Where the data of a comparison comes from: what readers get, or what a restart would read. */
    enum Source {
        SERVED,
        DISK;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    Uni<LedgerState> state();

    /** The highest position of a store's log. */
    Uni<Long> head(StoreName store);

    /** The item is the follower's position once it has passed; fails with {@link LedgerAway} when it does not within the limit. */
    Uni<Long> awaitFollower(long position, long millis);

    Uni<BucketDigests> digests(StoreName store, int buckets, Source source);

    Uni<List<EntryState>> bucket(StoreName store, int buckets, int bucket, Source source);

    /** Ids that the store never had are not in the answer. */
    Uni<List<EntryState>> states(StoreName store, Collection<Long> ids);

    /** As {@link #states}, with the values, for a person to read; from the disk, a good part of the files is read. */
    Uni<List<EntryImage>> images(StoreName store, Collection<Long> ids, Source source);

    /** The primary's log after a position, at most about {@code max} changes. */
    Uni<LogPage> log(long after, int max);

    /**
     * The entry's last changes, newest first, from the primary's log.
     *
     * @param fromVersion only those to this version and later ones: what is older has to be looked for in all of a long log
     */
    Uni<List<RecordedChange>> changes(long entryId, int limit, long fromVersion);
}
