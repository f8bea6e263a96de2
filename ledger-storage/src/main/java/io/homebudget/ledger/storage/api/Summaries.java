package io.homebudget.ledger.storage.api;

import io.homebudget.ledger.entry.Amounts;
import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.storage.store.GroupTotal;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;

/** Writes summaries: {@code [{"category":...,"currency":...,"count":n,"total":...,"average":...,"min":...,"max":...}]}. */
final class Summaries {
    private Summaries() {}

    /** @param by {@code category}, {@code month} or {@code account}: the name of the group's key */
    static StringBuilder json(String by, List<GroupTotal> totals) {
        StringBuilder out = new StringBuilder(2 + totals.size() * 130).append('[');
        for (int i = 0; i < totals.size(); i++) {
            GroupTotal total = totals.get(i);
            out.append(i > 0 ? ",{\"" : "{\"").append(by).append("\":");
            EntryWriter.string(total.group(), out, false);
            out.append(",\"currency\":");
            EntryWriter.string(total.currency(), out, false);
            out.append(",\"count\":").append(total.count());
            amount(",\"total\":", total.totalCents(), out);
            amount(",\"average\":", average(total.totalCents(), total.count()), out);
            amount(",\"min\":", total.minCents(), out);
            amount(",\"max\":", total.maxCents(), out);
            out.append('}');
        }
        return out.append(']');
    }

    /** In whole cents, halves away from zero. */
    static long average(long totalCents, long count) {
        return BigDecimal.valueOf(totalCents)
                .divide(BigDecimal.valueOf(count), 0, RoundingMode.HALF_UP)
                .longValueExact();
    }

    private static void amount(String key, long cents, StringBuilder out) {
        Amounts.print(cents, out.append(key));
    }
}
