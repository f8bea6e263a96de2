package io.homebudget.backup.drill;

import io.homebudget.backup.restore.Rows;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.internal.EntryImage;
import java.io.IOException;
import java.util.UUID;

/**
 * What a ledger holds, in two figures: how many live entries, and the exclusive or of their digests. A digest contains its id, so
 * any wrong, missing or additional entry changes one of them (A20).
 */
record Tally(long entries, UUID digest) {

    static final class Sum {
        private long entries;
        private long high;
        private long low;

        void add(UUID digest) {
            entries++;
            high ^= digest.getMostSignificantBits();
            low ^= digest.getLeastSignificantBits();
        }

        Tally tally() {
            return new Tally(entries, new UUID(high, low));
        }
    }

    static Tally of(Rows rows) throws IOException {
        Sum sum = new Sum();
        for (EntryImage row = rows.next(); row != null; row = rows.next()) {
            if (!row.deleted()) {
                sum.add(EntryDigest.of(row.values().withId(row.id())));
            }
        }
        return sum.tally();
    }
}
