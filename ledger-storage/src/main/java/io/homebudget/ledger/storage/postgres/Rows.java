package io.homebudget.ledger.storage.postgres;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.change.IdempotencyKey;
import io.homebudget.ledger.entry.Amounts;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.IsoDate;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.Held;
import io.vertx.sqlclient.Row;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Between rows and records: nothing is rounded, trimmed or normalised on the way. */
final class Rows {
    private static final JsonFactory JSON = new JsonFactory();

    private Rows() {}

    /** A row of {@link Statements#heldColumns}, which start at column {@code from}. */
    static Held held(Row row, int from) {
        Entry entry = new Entry(
                row.getLong(from),
                row.getLocalDate(from + 1),
                row.getString(from + 2),
                row.getString(from + 3),
                row.getLong(from + 4),
                row.getString(from + 5),
                row.getString(from + 6),
                row.getString(from + 7));
        return new Held(
                entry, row.getLong(from + 8), row.getLong(from + 9), row.getUUID(from + 10), row.getUUID(from + 11));
    }

    /** One row of the log, with what its set needs. */
    record LogRow(
            long position,
            int ordinal,
            Change change,
            Rule rule,
            UUID setId,
            Instant at,
            String by,
            IdempotencyKey key) {}

    /** A row of {@link Statements#LOG_READ}, which starts at column {@code from}. */
    static LogRow logRow(Row row, int from) {
        String key = row.getString(from + 12);
        Change change = new Change(
                row.getUUID(from + 2),
                row.getLong(from + 3),
                row.getLong(from + 4),
                action(row.getString(from + 7)),
                entry(row.getString(from + 14)),
                entry(row.getString(from + 15)),
                row.getUUID(from + 16));
        return new LogRow(
                row.getLong(from),
                row.getInteger(from + 1),
                change,
                new Rule(row.getLong(from + 5), Phase.valueOf(row.getString(from + 6))),
                row.getUUID(from + 8),
                row.getOffsetDateTime(from + 10).toInstant(),
                row.getString(from + 11),
                key == null ? null : new IdempotencyKey(key, row.getUUID(from + 13)));
    }

    /** The sets of rows that are ordered by position and ordinal and hold each set whole. */
    static List<ChangeSet> sets(List<LogRow> rows) {
        List<ChangeSet> sets = new ArrayList<>();
        int start = 0;
        for (int i = 1; i <= rows.size(); i++) {
            if (i == rows.size() || rows.get(i).position() != rows.get(start).position()) {
                LogRow first = rows.get(start);
                List<Change> changes =
                        rows.subList(start, i).stream().map(LogRow::change).toList();
                sets.add(new ChangeSet(
                        first.position(), first.setId(), first.rule(), first.at(), first.by(), first.key(), changes));
                start = i;
            }
        }
        return sets;
    }

    static String json(Kind kind, Entry entry) {
        return entry == null ? null : EntryWriter.compact(kind, entry);
    }

    private static Action action(String word) {
        for (Action action : Action.values()) {
            if (action.auditWord().equals(word)) {
                return action;
            }
        }
        throw new IllegalStateException("the change log holds an unknown action: " + word);
    }

    /** Reads what {@link #json} wrote. */
    static Entry entry(String json) {
        if (json == null) {
            return null;
        }
        long id = 0;
        long cents = 0;
        LocalDate date = null;
        String business = null;
        String category = null;
        String account = null;
        String currency = null;
        String notes = null;
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                boolean isNull = parser.nextToken() == JsonToken.VALUE_NULL;
                switch (name) {
                    case "id":
                        id = parser.getLongValue();
                        break;
                    case "amount":
                        cents = Amounts.ofDecimal(parser.getDecimalValue());
                        break;
                    case "date":
                        date = IsoDate.parse(parser.getText());
                        break;
                    case "business":
                        business = isNull ? null : parser.getText();
                        break;
                    case "category":
                        category = parser.getText();
                        break;
                    case "account":
                        account = parser.getText();
                        break;
                    case "currency":
                        currency = parser.getText();
                        break;
                    case "notes":
                        notes = isNull ? null : parser.getText();
                        break;
                    default:
                        throw new IllegalStateException("the change log holds an entry with an unknown field");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the change log holds an entry that cannot be read", e);
        }
        return new Entry(id, date, business, category, cents, account, currency, notes);
    }

    static OffsetDateTime time(Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }
}
