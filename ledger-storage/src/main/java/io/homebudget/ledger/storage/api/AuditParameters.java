package io.homebudget.ledger.storage.api;

import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.Fault;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.error.Verdict;
import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.storage.store.AuditQuery;
import io.homebudget.ledger.storage.store.LoggedChange;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * The query parameters of the audit as they came, and its answer: the columns of {@code audit_log}, newest change first.
 *
 * @param from a moment (ISO 8601 with offset) or a day (UTC), inclusive; {@code to} a moment, exclusive, or a day, inclusive
 */
record AuditParameters(String entryId, String from, String to, String limit, String after) {
    private static final int DEFAULT_LIMIT = 100;

    Verdict<AuditQuery> read() {
        List<Fault> faults = new ArrayList<>(0);
        Long id = null;
        if (entryId != null) {
            Verdict<Long> read = Conditions.id(entryId, "entry_id");
            if (read.accepted()) {
                id = read.value();
            } else {
                faults.add(ListParameters.fault(
                        "entry_id",
                        read.refusal().detail(),
                        read.refusal().faults().get(0).type()));
            }
        }
        Instant first = moment("from", from, 0, faults);
        Instant end = moment("to", to, 1, faults);
        int atMost = ListParameters.limit("limit", limit, DEFAULT_LIMIT, faults);
        Cursor.LogPlace place = new Cursor.LogPlace(Long.MAX_VALUE, 0);
        if (after != null) {
            place = Cursor.audit(after);
            if (place == null) {
                faults.add(ListParameters.badCursor());
            }
        }
        if (!faults.isEmpty()) {
            return Verdict.refuse(Refusal.invalid(faults));
        }
        return Verdict.accept(new AuditQuery(id, first, end, atMost, place.position(), place.ordinal()));
    }

    private static Instant moment(String name, String text, int daysAfter, List<Fault> faults) {
        if (text == null) {
            return null;
        }
        try {
            if (text.length() == 10) {
                return LocalDate.parse(text).plusDays(daysAfter).atStartOfDay().toInstant(ZoneOffset.UTC);
            }
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            faults.add(ListParameters.fault(
                    name, "Input should be a day (2026-01-31) or a moment (2026-01-31T12:00:00Z)", "datetime_parsing"));
            return null;
        }
    }

    String next(String path, List<LoggedChange> shown) {
        LoggedChange last = shown.get(shown.size() - 1);
        StringBuilder out = new StringBuilder(path).append('?');
        append(out, "entry_id", entryId);
        append(out, "from", from);
        append(out, "to", to);
        append(out, "limit", limit);
        return out.append("after=")
                .append(Cursor.before(last.position(), last.ordinal()))
                .toString();
    }

    private static void append(StringBuilder out, String name, String value) {
        if (value != null) {
            out.append(name)
                    .append('=')
                    .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
                    .append('&');
        }
    }

    static StringBuilder json(Kind kind, List<LoggedChange> changes) {
        StringBuilder out = new StringBuilder(2 + changes.size() * 400).append('[');
        for (int i = 0; i < changes.size(); i++) {
            LoggedChange logged = changes.get(i);
            out.append(i > 0 ? "," : "").append("{\"table_name\":\"").append(kind.plural());
            out.append("\",\"record_id\":").append(logged.change().entryId());
            out.append(",\"action\":\"").append(logged.change().action().auditWord());
            out.append("\",\"old_value\":");
            image(kind, logged.change().before(), out);
            out.append(",\"new_value\":");
            image(kind, logged.change().after(), out);
            out.append(",\"changed_at\":\"").append(logged.at()).append("\",\"changed_by\":");
            EntryWriter.string(logged.by(), out, false);
            out.append('}');
        }
        return out.append(']');
    }

    private static void image(Kind kind, Entry entry, StringBuilder out) {
        if (entry == null) {
            out.append("null");
        } else {
            EntryWriter.compact(kind, entry, out);
        }
    }
}
