package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.entry.Amounts;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.rows.RowText;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Tombstone;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Rows in the text format of COPY: for the staging table, or for the tables themselves. */
final class CopyText {
    private final boolean business;
    private final StringBuilder out = new StringBuilder(1 << 20);

    CopyText(boolean business) {
        this.business = business;
    }

    /** In the column order of the staging table, which takes both sorts. */
    void staged(ImageRow row) {
        if (row.held() != null) {
            out.append(row.id()).append("\tf\t");
            values(row.held());
        } else {
            out.append(row.id())
                    .append(
                            business
                                    ? "\tt\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t"
                                    : "\tt\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t");
            version(
                    row.tombstone().version(),
                    row.tombstone().epoch(),
                    row.tombstone().changeId());
            out.append("\t\\N\n");
        }
    }

    /** In the column order of {@link Merging#columns}. */
    void live(Held held) {
        out.append(held.entry().id()).append('\t');
        values(held);
    }

    /** Id, version, epoch, change id. */
    void tombstone(Tombstone tombstone) {
        out.append(tombstone.id()).append('\t');
        version(tombstone.version(), tombstone.epoch(), tombstone.changeId());
        out.append('\n');
    }

    private void values(Held held) {
        Entry entry = held.entry();
        out.append(entry.date());
        if (business) {
            text(entry.business());
        }
        text(entry.category());
        out.append('\t').append(Amounts.toDecimal(entry.cents()).toPlainString());
        text(entry.account());
        text(entry.currency());
        text(entry.notes());
        out.append('\t');
        version(held.version(), held.epoch(), held.changeId());
        out.append('\t')
                .append(held.digest() == null ? "\\N" : held.digest().toString())
                .append('\n');
    }

    private void version(long version, long epoch, UUID changeId) {
        out.append(version).append('\t').append(epoch).append('\t');
        out.append(changeId == null ? "\\N" : changeId.toString());
    }

    private void text(String value) {
        out.append('\t');
        RowText.text(value, out);
    }

    /** What was added since the last call. */
    byte[] take() {
        byte[] bytes = out.toString().getBytes(StandardCharsets.UTF_8);
        out.setLength(0);
        return bytes;
    }
}
