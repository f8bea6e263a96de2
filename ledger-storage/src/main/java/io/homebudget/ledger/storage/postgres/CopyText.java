package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.entry.Amounts;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.storage.store.ImageRow;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** Rows in the text format of COPY, in the column order of the staging table. */
final class CopyText {
    private final boolean business;
    private final StringBuilder out = new StringBuilder(1 << 20);

    CopyText(boolean business) {
        this.business = business;
    }

    void add(ImageRow row) {
        out.append(row.id()).append('\t');
        if (row.held() == null) {
            out.append(business ? "t\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N" : "t\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N");
            tail(
                    row.tombstone().version(),
                    row.tombstone().epoch(),
                    row.tombstone().changeId(),
                    null);
            return;
        }
        Entry entry = row.held().entry();
        out.append("f\t").append(entry.date());
        if (business) {
            text(entry.business());
        }
        text(entry.category());
        out.append('\t').append(Amounts.toDecimal(entry.cents()).toPlainString());
        text(entry.account());
        text(entry.currency());
        text(entry.notes());
        tail(
                row.held().version(),
                row.held().epoch(),
                row.held().changeId(),
                row.held().digest());
    }

    private void tail(long version, long epoch, UUID changeId, UUID digest) {
        out.append('\t').append(version).append('\t').append(epoch).append('\t');
        out.append(changeId == null ? "\\N" : changeId.toString()).append('\t');
        out.append(digest == null ? "\\N" : digest.toString()).append('\n');
    }

    private void text(String value) {
        out.append('\t');
        if (value == null) {
            out.append("\\N");
            return;
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\':
                    out.append("\\\\");
                    break;
                case '\t':
                    out.append("\\t");
                    break;
                case '\n':
                    out.append("\\n");
                    break;
                case '\r':
                    out.append("\\r");
                    break;
                default:
                    out.append(c);
            }
        }
    }

    /** What was added since the last call. */
    byte[] take() {
        byte[] bytes = out.toString().getBytes(StandardCharsets.UTF_8);
        out.setLength(0);
        return bytes;
    }
}
