package io.homebudget.ledger.storage.api;

import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.storage.store.Listing;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Base64;

/** Places in lists as clients carry them: opaque, stable while entries come and go around them (a keyset, no offset). */
final class Cursor {
    private static final int MAX_LENGTH = 100;

    private Cursor() {}

    static String after(Entry last) {
        return encode(last.date() + "," + last.id());
    }

    static String before(long position, int ordinal) {
        return encode(position + "," + ordinal);
    }

    /** @return null where the text is no cursor of a list */
    static Listing.After listing(String text) {
        String[] parts = decode(text);
        if (parts == null) {
            return null;
        }
        try {
            long id = Long.parseLong(parts[1]);
            LocalDate date = LocalDate.parse(parts[0]);
            boolean legal = id >= 0 && id <= Entry.MAX_ID && date.getYear() >= 1 && date.getYear() <= 9999;
            return legal ? new Listing.After(date, id) : null;
        } catch (DateTimeException | NumberFormatException e) {
            return null;
        }
    }

    /** A place in the audit. */
    record LogPlace(long position, int ordinal) {}

    /** @return null where the text is no cursor of an audit */
    static LogPlace audit(String text) {
        String[] parts = decode(text);
        if (parts == null) {
            return null;
        }
        try {
            LogPlace place = new LogPlace(Long.parseLong(parts[0]), Integer.parseInt(parts[1]));
            return place.position >= 0 && place.ordinal >= 0 ? place : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static String encode(String plain) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(plain.getBytes(StandardCharsets.US_ASCII));
    }

    private static String[] decode(String text) {
        if (text.length() > MAX_LENGTH) {
            return null;
        }
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.US_ASCII).split(",", -1);
            return parts.length == 2 ? parts : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
