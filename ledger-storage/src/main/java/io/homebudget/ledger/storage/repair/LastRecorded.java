package io.homebudget.ledger.storage.repair;

import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.storage.store.AuditQuery;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import io.homebudget.ledger.storage.store.LoggedChange;
import io.homebudget.ledger.storage.store.Standing;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.UUID;

/**
 * Finds what the last change of an entry recorded. The log is the judge: the primary's newest change of the entry tells it,
 * wherever the log still has it. Where it was cut, the other store's row does, if it is intact and certainly of the same change.
 * What cannot be told for certain is {@link Found#UNKNOWN}: nothing is guessed.
 */
final class LastRecorded {
    private final LedgerStore primary;
    /** Null where there is no other store within reach. */
    private final LedgerStore other;

    LastRecorded(LedgerStore primary, LedgerStore other) {
        this.primary = primary;
        this.other = other;
    }

    /**
     * @param image null where no change ever recorded the entry
     * @param source {@code log}, {@code json} or {@code postgres}; null where nothing is known
     */
    record Found(ImageRow image, String source) {
        static final Found UNKNOWN = new Found(null, null);

        boolean known() {
            return source != null;
        }
    }

    /** @param damaged the store to be mended; @param row what it holds now, null for nothing */
    Uni<Found> of(long id, LedgerStore damaged, ImageRow row) {
        return fromLog(id)
                .chain(logged -> logged != null
                        ? Uni.createFrom().item(new Found(logged.image(), "log"))
                        : fromOtherSide(id, damaged, row));
    }

    /** Null where the log does not have it any more, or never had. */
    private Uni<LoggedChange> fromLog(long id) {
        AuditQuery newest = AuditQuery.ofEntry(id, 1, 0);
        return primary.audit(newest).chain(found -> {
            if (found.isEmpty()) {
                return Uni.createFrom().nullItem();
            }
            LoggedChange change = found.get(0);
            // changes with a young Idempotency-Key outlive the cut: such a one need not be the entry's last
            return primary.log(change.position() - 1, 1).map(slice -> slice.cut() ? null : change);
        });
    }

    private Uni<Found> fromOtherSide(long id, LedgerStore damaged, ImageRow row) {
        LedgerStore source = damaged == primary ? other : primary;
        if (source == null) {
            return Uni.createFrom().item(Found.UNKNOWN);
        }
        return source.rows(List.of(id), DataSource.SERVED).chain(rows -> {
            ImageRow there = rows.isEmpty() ? null : rows.get(0);
            if (there == null) {
                return noTraceOfAChange(row)
                        ? speaksForAll(source)
                                .map(all -> all ? new Found(null, source.name().word()) : Found.UNKNOWN)
                        : Uni.createFrom().item(Found.UNKNOWN);
            }
            if (!intact(there)) {
                return Uni.createFrom().item(Found.UNKNOWN);
            }
            Found found = new Found(there, source.name().word());
            if (sameChange(row, there)) {
                return Uni.createFrom().item(found);
            }
            return noTraceOfAChange(row) || damaged != primary
                    ? speaksForAll(source).map(all -> all ? found : Found.UNKNOWN)
                    : Uni.createFrom().item(Found.UNKNOWN);
        });
    }

    /**
     * Whether what a store holds and does not hold is the state after the last change: the primary's is, and the other's where
     * the primary's log is whole from its position on (and so would have shown a later change of the entry).
     */
    private Uni<Boolean> speaksForAll(LedgerStore source) {
        if (source == primary) {
            return Uni.createFrom().item(true);
        }
        return source.standing()
                .chain(standing -> standing.followerState() == Standing.FollowerState.FOLLOWING
                        ? primary.log(standing.position(), 1).map(slice -> !slice.cut())
                        : Uni.createFrom().item(false));
    }

    /** Nothing stands there, or a row that plain SQL or an edit of the file made. */
    private static boolean noTraceOfAChange(ImageRow row) {
        return row == null || row.held() != null && row.held().changeId() == null;
    }

    private static boolean intact(ImageRow row) {
        Held held = row.held();
        return held == null
                || held.changeId() != null && EntryDigest.of(held.entry()).equals(held.digest());
    }

    private static boolean sameChange(ImageRow a, ImageRow b) {
        return a != null
                && a.version() == b.version()
                && change(a) != null
                && change(a).equals(change(b));
    }

    private static UUID change(ImageRow row) {
        return row.held() != null ? row.held().changeId() : row.tombstone().changeId();
    }
}
