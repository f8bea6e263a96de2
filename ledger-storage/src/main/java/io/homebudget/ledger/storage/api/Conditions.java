package io.homebudget.ledger.storage.api;

import io.homebudget.ledger.change.IdempotencyKey;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.error.Fault;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.error.Verdict;
import io.homebudget.ledger.storage.store.IfMatch;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what a request says outside of its body: the id in its path, If-Match, Idempotency-Key. */
final class Conditions {
    /** The id of no entry: what an integer that is too large or below 1 becomes. */
    static final long NO_ENTRY = -1;

    private static final int MAX_KEY_LENGTH = 255;
    private static final int MAX_ID_DIGITS = 16;
    private static final Pattern ENTITY_TAG = Pattern.compile("\\s*(W/)?\"([^\"]*)\"\\s*(?:,|$)");

    private Conditions() {}

    /** The id, or {@link #NO_ENTRY} for an integer that no entry can have; 422 for anything else. */
    static Verdict<Long> id(String text, String parameter) {
        int from = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        boolean integer = text.length() > from;
        for (int i = from; i < text.length() && integer; i++) {
            integer = text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        if (!integer) {
            return Verdict.refuse(Refusal.malformed(new Fault(
                    List.of("path", parameter),
                    "Input should be a valid integer, unable to parse string as an integer",
                    "int_parsing")));
        }
        int first = from;
        while (first < text.length() - 1 && text.charAt(first) == '0') {
            first++;
        }
        if (text.charAt(0) == '-' || text.length() - first > MAX_ID_DIGITS) {
            return Verdict.accept(NO_ENTRY);
        }
        long id = Long.parseLong(text, first, text.length(), 10);
        return Verdict.accept(id >= 1 && id <= Entry.MAX_ID ? id : NO_ENTRY);
    }

    static Refusal noEntry() {
        return Refusal.of(
                LedgerError.NOT_FOUND, "There is no entry with this id: ids go from 1 to " + Entry.MAX_ID + ".");
    }

    /** The condition of If-Match lines; tags that are no change ids, or weak, match nothing (RFC 9110, 13.1.1). */
    static IfMatch ifMatch(List<String> lines) {
        if (lines == null || lines.isEmpty()) {
            return IfMatch.NONE;
        }
        Set<UUID> changeIds = new HashSet<>();
        for (String line : lines) {
            if (line.strip().equals("*")) {
                return new IfMatch(true, Set.of());
            }
            Matcher tag = ENTITY_TAG.matcher(line);
            while (tag.find()) {
                if (tag.group(1) == null) {
                    addChangeId(tag.group(2), changeIds);
                }
            }
        }
        return new IfMatch(false, changeIds);
    }

    private static void addChangeId(String text, Set<UUID> changeIds) {
        try {
            UUID id = UUID.fromString(text);
            if (id.toString().equals(text)) {
                changeIds.add(id);
            }
        } catch (IllegalArgumentException e) {
            // A tag that we never gave matches nothing.
            return;
        }
    }

    /**
     * @param key the header; must not be null
     * @param path with the method it makes the request's digest, so that a key is bound to one call
     */
    static Verdict<IdempotencyKey> key(String key, String method, String path, byte[] body) {
        boolean legal = !key.isEmpty() && key.length() <= MAX_KEY_LENGTH;
        for (int i = 0; i < key.length() && legal; i++) {
            legal = key.charAt(i) >= ' ' && key.charAt(i) <= '~';
        }
        if (!legal) {
            return Verdict.refuse(Refusal.malformed(new Fault(
                    List.of("header", "idempotency-key"),
                    "Idempotency-Key should have 1 to " + MAX_KEY_LENGTH + " printable ASCII characters",
                    "value_error")));
        }
        byte[] head = (method + ' ' + path + '\n').getBytes(StandardCharsets.UTF_8);
        byte[] request = new byte[head.length + body.length];
        System.arraycopy(head, 0, request, 0, head.length);
        System.arraycopy(body, 0, request, head.length, body.length);
        return Verdict.accept(new IdempotencyKey(key, EntryDigest.of(request)));
    }
}
