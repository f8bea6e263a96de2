package io.homebudget.ledger.storage.repair;

import io.homebudget.ledger.internal.EntryRepair;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import io.homebudget.ledger.storage.store.Mend;
import io.smallrye.mutiny.Uni;
import java.util.List;
import java.util.Locale;
import org.jboss.logging.Logger;

/**
 * Repairs one entry of one store, primary or follower (A37): finds what its last change recorded, and writes that where the
 * store still holds what was seen. Repeating a repair is harmless: it is {@code intact} then.
 *
 * <p>The damaged row is read before the log. So whatever a legal change made of it since is in the log that is read, and a row
 * that is newer than the log says is damage, not a change that the log does not have yet.
 */
public final class Repairs {
    private static final Logger LOG = Logger.getLogger(Repairs.class);
    private final LedgerStore primary;
    private final LedgerStore other;
    private final long epoch;

    /**
     * @param other null where there is none within reach
     * @param epoch the rule's epoch in which {@code primary} rules
     */
    public Repairs(LedgerStore primary, LedgerStore other, long epoch) {
        this.primary = primary;
        this.other = other;
        this.epoch = epoch;
    }

    /** @param damaged {@code primary} or {@code other} */
    public Uni<EntryRepair.Done> repair(LedgerStore damaged, EntryRepair asked) {
        return damaged.rows(List.of(asked.entryId()), DataSource.SERVED).chain(rows -> {
            ImageRow row = rows.isEmpty() ? null : rows.get(0);
            return new LastRecorded(primary, other)
                    .of(asked.entryId(), damaged, row)
                    .chain(recorded -> {
                        if (!recorded.known()) {
                            return Uni.createFrom()
                                    .item(new EntryRepair.Done("unknown", row == null ? 0 : row.version(), null));
                        }
                        Mend mend =
                                new Mend(asked.entryId(), asked.seenVersion(), asked.seenActual(), recorded.image());
                        return damaged.mend(mend, epoch).map(mended -> switch (mended.result()) {
                            case MENDED -> {
                                LOG.infov(
                                        "repaired entry {0} in {1} from {2}, version {3}, asked by {4}",
                                        asked.entryId(),
                                        asked.store().toLowerCase(Locale.ROOT),
                                        recorded.source(),
                                        mended.version(),
                                        asked.actor());
                                yield new EntryRepair.Done("repaired", mended.version(), recorded.source());
                            }
                            case INTACT -> new EntryRepair.Done("intact", mended.version(), null);
                            case MOVED -> new EntryRepair.Done("moved", mended.version(), null);
                        });
                    });
        });
    }
}
