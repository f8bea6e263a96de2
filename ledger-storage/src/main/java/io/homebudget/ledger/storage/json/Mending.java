package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.journal.FrameType;
import io.homebudget.ledger.storage.store.BeingRestored;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Mend;
import io.homebudget.ledger.storage.store.Mended;
import io.homebudget.ledger.storage.store.Tombstone;
import io.smallrye.mutiny.Uni;
import java.util.List;

/**
 * Puts what was recorded in the place of what was damaged, through the journal but beside the log: the row is data, as a row of
 * a full synchronisation is, so no follower and no publisher hears of it.
 */
final class Mending {
    private final RecordJson json;
    private volatile boolean restoring;

    Mending(RecordJson json) {
        this.json = json;
    }

    /** A step that began before is done before the first of the restore, as all steps are of one thread. */
    <T> Uni<T> refusedDuring(Uni<T> restore) {
        return Uni.createFrom()
                .deferred(() -> {
                    restoring = true;
                    return restore;
                })
                .onTermination()
                .invoke(() -> restoring = false);
    }

    /** What a view holds under an id; null where there is nothing. */
    static ImageRow row(View view, long id) {
        Held held = view.live(id);
        if (held != null) {
            return new ImageRow(held, null);
        }
        Tombstone tombstone = view.tombstones.get(id);
        return tombstone == null ? null : new ImageRow(null, tombstone);
    }

    /** @param onlyOnDisk memory is intact and not what was seen, so the damage can only be in the files */
    record Outcome(Mended mended, boolean onlyOnDisk) {}

    JournalThread.Step<Outcome> mend(Mend mend, long epoch) {
        return (draft, recorder) -> {
            Following.fence(draft, epoch);
            if (restoring) {
                throw new BeingRestored(StoreName.JSON);
            }
            ImageRow standing = row(draft, mend.id());
            boolean seen = mend.seen(standing);
            if (mend.holds(standing)) {
                return new Outcome(done(Mended.Result.INTACT, standing), !seen);
            }
            if (!seen) {
                return new Outcome(done(Mended.Result.MOVED, standing), false);
            }
            if (mend.image() == null) {
                var record = RecordJson.object();
                record.putArray("ids").add(mend.id());
                recorder.record(FrameType.ROWS_REMOVED, record);
                draft.drop(mend.id());
            } else {
                recorder.record(FrameType.IMAGE_ROWS, json.rows(List.of(mend.image())));
                draft.fold(mend.image());
            }
            return new Outcome(done(Mended.Result.MENDED, mend.image()), false);
        };
    }

    private static Mended done(Mended.Result result, ImageRow row) {
        return new Mended(result, row == null ? 0 : row.version());
    }
}
