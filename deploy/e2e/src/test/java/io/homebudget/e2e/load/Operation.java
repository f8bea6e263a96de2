package io.homebudget.e2e.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** One request of one client, and what became of it. Times in nanoseconds of one clock. */
public final class Operation {
    /** What was asked for. */
    public enum Verb {
        CREATE,
        PATCH,
        PUT,
        DELETE,
        BULK_DELETE,
        READ
    }

    /** What the client knows. */
    public enum Outcome {
        /** Not answered yet; at the end as good as unknown. */
        IN_FLIGHT,
        /** 200. */
        ACKNOWLEDGED,
        /** 404. */
        ABSENT,
        /** 503 with Retry-After: certainly not written. */
        NOT_WRITTEN,
        /** No answer, or 503 without Retry-After. */
        UNKNOWN,
        /** An answer that no request of this load may get. */
        WRONG
    }

    public final int number;
    public final String kind;
    public final Verb verb;
    public final List<Long> ids;
    /** What it writes, canonical as in {@link Row}. */
    public final Map<String, String> fields;

    public final String key;
    /** When it was due, which is when its time starts to count. */
    public final long due;

    /** By the clock on the wall, to find it in logs. */
    public final Instant at = Instant.now();

    volatile long sent;
    volatile long ended = Long.MAX_VALUE;
    /** When the client had its first answer, or none; a repeat of what it did not know only moves {@link #ended}. */
    volatile long answered = Long.MAX_VALUE;

    volatile Outcome outcome = Outcome.IN_FLIGHT;
    volatile long createdId = -1;
    volatile String detail = "";
    volatile JsonNode body;
    volatile String servedBy;

    Operation(int number, String kind, Verb verb, List<Long> ids, Map<String, String> fields, String key, long due) {
        this.number = number;
        this.kind = kind;
        this.verb = verb;
        this.ids = ids;
        this.fields = fields;
        this.key = key;
        this.due = due;
    }

    public Outcome outcome() {
        return outcome;
    }

    public long ended() {
        return ended;
    }

    /** Until when its effect may take place: for ever where nobody knows. */
    public long effectUntil() {
        return outcome == Outcome.ACKNOWLEDGED ? ended : Long.MAX_VALUE;
    }

    public long createdId() {
        return createdId;
    }

    public JsonNode body() {
        return body;
    }

    public String servedBy() {
        return servedBy;
    }

    public boolean writes() {
        return verb != Verb.READ;
    }

    public boolean deletes() {
        return verb == Verb.DELETE || verb == Verb.BULK_DELETE;
    }

    public boolean acknowledged() {
        return outcome == Outcome.ACKNOWLEDGED;
    }

    /** Whether it may have been written. */
    public boolean possible() {
        return outcome == Outcome.ACKNOWLEDGED
                || outcome == Outcome.UNKNOWN
                || outcome == Outcome.IN_FLIGHT
                || outcome == Outcome.WRONG;
    }

    /** How late this machine itself sent it. */
    public double lateMillis() {
        return (sent - due) / 1e6;
    }

    public double millis() {
        return (answered - due) / 1e6;
    }

    @Override
    public String toString() {
        return "#" + number + " " + at + " " + kind + " " + verb + " " + ids
                + (createdId < 0 ? "" : " gave " + createdId) + " "
                + fields + " " + outcome + (answered == Long.MAX_VALUE ? "" : String.format(" after %.0f ms", millis()))
                + (detail.isEmpty() ? "" : " (" + detail + ")");
    }
}
