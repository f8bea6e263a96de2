package io.homebudget.ledger.storage.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.homebudget.ledger.entry.Amounts;
import io.homebudget.ledger.entry.Entry;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.LocalDate;

/** Reads entries that this system wrote. Anything but the canonical form is an {@link IOException}: somebody else wrote it. */
final class EntryReader {
    private final Interner interner;

    EntryReader(Interner interner) {
        this.interner = interner;
    }

    /** The entry whose object the parser stands in; null where it stands at null. */
    Entry read(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        long id = 0;
        LocalDate date = null;
        String business = null;
        String category = null;
        long cents = 0;
        String account = null;
        String currency = null;
        String notes = null;
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw new IOException("an entry must be an object");
        }
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            parser.nextToken();
            switch (field) {
                case "date" -> date = date(parser);
                case "business" -> business = interner.text(text(parser));
                case "category" -> category = interner.text(text(parser));
                case "amount" -> cents = cents(parser);
                case "account" -> account = interner.text(text(parser));
                case "currency" -> currency = interner.text(text(parser));
                case "notes" -> notes = text(parser);
                case "id" -> id = parser.getLongValue();
                default -> throw new IOException("an entry has no field of this name");
            }
        }
        if (date == null || category == null || account == null || currency == null || id < 1 || id > Entry.MAX_ID) {
            throw new IOException("an entry lacks a field");
        }
        return new Entry(id, date, business, category, cents, account, currency, notes);
    }

    private static String text(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw new IOException("a text is expected");
        }
        return parser.getTextLength() == 0 ? "" : parser.getText();
    }

    private LocalDate date(JsonParser parser) throws IOException {
        char[] text = parser.getTextCharacters();
        int from = parser.getTextOffset();
        if (parser.currentToken() != JsonToken.VALUE_STRING || parser.getTextLength() != 10) {
            throw new IOException("a date is expected");
        }
        try {
            return interner.date(number(text, from, 4), number(text, from + 5, 2), number(text, from + 8, 2));
        } catch (DateTimeException e) {
            throw new IOException("there is no such date", e);
        }
    }

    private static int number(char[] text, int from, int digits) throws IOException {
        int value = 0;
        for (int i = from; i < from + digits; i++) {
            if (text[i] < '0' || text[i] > '9') {
                throw new IOException("digits are expected");
            }
            value = value * 10 + text[i] - '0';
        }
        return value;
    }

    private static long cents(JsonParser parser) throws IOException {
        if (!parser.currentToken().isNumeric()) {
            throw new IOException("an amount is expected");
        }
        long fast = plainCents(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
        if (fast != Long.MIN_VALUE) {
            return fast;
        }
        Amounts.Reading reading = Amounts.read(parser.getDecimalValue());
        if (!reading.ok()) {
            throw new IOException("an amount is out of its limits");
        }
        return reading.cents();
    }

    /** Reads {@code -?d{1,8}.d{1,2}}, which is every amount that we print; {@link Long#MIN_VALUE} for anything else. */
    private static long plainCents(char[] text, int from, int length) {
        int at = from;
        int end = from + length;
        boolean negative = at < end && text[at] == '-';
        at += negative ? 1 : 0;
        int dot = at;
        while (dot < end && text[dot] != '.') {
            dot++;
        }
        int decimals = end - dot - 1;
        if (dot - at > 8 || decimals < 1 || decimals > 2) {
            return Long.MIN_VALUE;
        }
        long value = 0;
        for (int i = at; i < end; i++) {
            if (i != dot) {
                if (text[i] < '0' || text[i] > '9') {
                    return Long.MIN_VALUE;
                }
                value = value * 10 + text[i] - '0';
            }
        }
        value *= decimals == 1 ? 10 : 1;
        return negative ? -value : value;
    }
}
