package io.homebudget.ledger.storage.api;

import io.homebudget.ledger.error.Fault;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.error.Verdict;
import io.homebudget.ledger.storage.store.Listing;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The query parameters of lists, as they came; all may be null.
 *
 * @param q text contained in business, category, account or notes
 * @param limit 1 to {@value #MAX_LIMIT}; without it the whole list is streamed
 * @param after the cursor of an earlier answer's Link header
 */
public record ListParameters(
        String from, String to, String category, String account, String q, String limit, String after) {
    static final int MAX_LIMIT = 1_000;
    private static final Pattern DATE = Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}");
    private static final int MAX_TEXT = 1_000;

    /** The same filters for one page. */
    ListParameters page(String limitOfPage, String cursor) {
        return new ListParameters(from, to, category, account, q, limitOfPage, cursor);
    }

    boolean none() {
        return from == null
                && to == null
                && category == null
                && account == null
                && q == null
                && limit == null
                && after == null;
    }

    /** What is wanted, or every parameter that cannot be read. */
    Verdict<Listing> read() {
        if (none()) {
            return Verdict.accept(Listing.ALL);
        }
        List<Fault> faults = new ArrayList<>(0);
        LocalDate first = date("from", from, faults);
        LocalDate last = date("to", to, faults);
        text("category", category, faults);
        text("account", account, faults);
        text("q", q, faults);
        int atMost = limit("limit", limit, 0, faults);
        Listing.After place = null;
        if (after != null) {
            place = Cursor.listing(after);
            if (place == null) {
                faults.add(badCursor());
            }
        }
        if (!faults.isEmpty()) {
            return Verdict.refuse(Refusal.invalid(faults));
        }
        String text = q == null || q.isEmpty() ? null : q;
        return Verdict.accept(new Listing(first, last, category, account, text, atMost, place));
    }

    /** The target of a Link header to the page behind a cursor. */
    String next(String path, String cursor) {
        StringBuilder out = new StringBuilder(path).append('?');
        append(out, "from", from);
        append(out, "to", to);
        append(out, "category", category);
        append(out, "account", account);
        append(out, "q", q);
        append(out, "limit", limit);
        return out.append("after=").append(cursor).toString();
    }

    private static void append(StringBuilder out, String name, String value) {
        if (value != null) {
            out.append(name)
                    .append('=')
                    .append(URLEncoder.encode(value, StandardCharsets.UTF_8))
                    .append('&');
        }
    }

    static Fault badCursor() {
        return fault("after", "Input should be the cursor of an earlier answer's Link header", "value_error");
    }

    static int limit(String name, String text, int missing, List<Fault> faults) {
        if (text == null) {
            return missing;
        }
        if (text.matches("[0-9]{1,4}")) {
            int value = Integer.parseInt(text);
            if (value >= 1 && value <= MAX_LIMIT) {
                return value;
            }
        }
        boolean number = text.matches("[+-]?[0-9]+");
        faults.add(fault(
                name,
                number
                        ? "Input should be from 1 to " + MAX_LIMIT
                        : "Input should be a valid integer, unable to parse string as an integer",
                number ? "value_error" : "int_parsing"));
        return missing;
    }

    private static LocalDate date(String name, String text, List<Fault> faults) {
        if (text == null) {
            return null;
        }
        try {
            LocalDate date = DATE.matcher(text).matches() ? LocalDate.parse(text) : null;
            if (date != null && date.getYear() >= 1) {
                return date;
            }
        } catch (DateTimeException e) {
            // falls through to the same refusal as any other text
            date(name, "", faults);
            return null;
        }
        faults.add(fault(name, "Input should be a valid date in the format YYYY-MM-DD", "date_from_datetime_parsing"));
        return null;
    }

    private static void text(String name, String text, List<Fault> faults) {
        if (text != null && (text.indexOf('\0') >= 0 || text.length() > MAX_TEXT)) {
            faults.add(fault(
                    name, "String should have at most " + MAX_TEXT + " characters, none of them NUL", "value_error"));
        }
    }

    static Fault fault(String name, String msg, String type) {
        return new Fault(List.of("query", name), msg, type);
    }
}
