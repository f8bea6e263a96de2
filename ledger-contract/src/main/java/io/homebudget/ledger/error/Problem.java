package io.homebudget.ledger.error;

import io.homebudget.ledger.json.EntryWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A refusal as every service answers it over HTTP, free of any framework: 422 in the old backend's shape, everything else as
 * {@code application/problem+json} (RFC 9457) with {@code detail} as a string.
 *
 * @param retryAfterSeconds for a Retry-After header; 0 where none belongs, which for a 503 means that the outcome is unknown
 */
public record Problem(int status, String contentType, int retryAfterSeconds, String json) {
    public static final String CONTENT_TYPE = "application/problem+json";
    private static final String TYPE_PREFIX = "urn:home-budget:problem:";

    public static Problem of(Refusal refusal) {
        LedgerError error = refusal.error();
        if (error.status() == 422) {
            return new Problem(422, "application/json", 0, validation(refusal));
        }
        return new Problem(
                error.status(),
                CONTENT_TYPE,
                error.retryAfterSeconds(),
                json(error.slug(), error.title(), error.status(), refusal.detail()));
    }

    /** A problem that is not one of {@link LedgerError}: an unknown path, a wrong method, a bug. */
    public static Problem of(int status, String slug, String title, String detail) {
        return new Problem(status, CONTENT_TYPE, 0, json(slug, title, status, detail));
    }

    public byte[] body() {
        return json.getBytes(StandardCharsets.UTF_8);
    }

    private static String json(String slug, String title, int status, String detail) {
        StringBuilder out = new StringBuilder(256)
                .append("{\"type\":\"")
                .append(TYPE_PREFIX)
                .append(slug);
        out.append("\",\"title\":");
        EntryWriter.string(title, out, false);
        out.append(",\"status\":").append(status).append(",\"detail\":");
        EntryWriter.string(detail, out, false);
        return out.append('}').toString();
    }

    private static String validation(Refusal refusal) {
        List<Fault> faults = refusal.faults();
        if (faults.isEmpty()) {
            Object where = refusal.error() == LedgerError.KEY_REUSED ? "idempotency-key" : "request";
            Object part = refusal.error() == LedgerError.KEY_REUSED ? "header" : "body";
            faults = List.of(new Fault(
                    List.of(part, where),
                    refusal.detail(),
                    refusal.error().slug().replace('-', '_')));
        }
        StringBuilder out = new StringBuilder(160).append("{\"detail\":[");
        for (int i = 0; i < faults.size(); i++) {
            out.append(i > 0 ? ",{\"loc\":[" : "{\"loc\":[");
            List<Object> loc = faults.get(i).loc();
            for (int j = 0; j < loc.size(); j++) {
                if (j > 0) {
                    out.append(',');
                }
                if (loc.get(j) instanceof Number number) {
                    out.append(number.longValue());
                } else {
                    EntryWriter.string(loc.get(j).toString(), out, false);
                }
            }
            out.append("],\"msg\":");
            EntryWriter.string(faults.get(i).msg(), out, false);
            out.append(",\"type\":");
            EntryWriter.string(faults.get(i).type(), out, false);
            out.append('}');
        }
        return out.append("]}").toString();
    }
}
