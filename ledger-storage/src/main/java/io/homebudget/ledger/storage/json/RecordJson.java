package io.homebudget.ledger.storage.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.change.IdempotencyKey;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Tombstone;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** The payloads of frames: one line of JSON each, readable by a person with a pager. */
final class RecordJson {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonFactory FACTORY = JSON.getFactory();
    private static final Action[] ACTIONS = Action.values();
    private static final Phase[] PHASES = Phase.values();

    private final Kind kind;
    private final EntryReader entries;

    RecordJson(Kind kind, Interner interner) {
        this.kind = kind;
        this.entries = new EntryReader(interner);
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    static JsonNode tree(byte[] payload) {
        try {
            return JSON.readTree(payload);
        } catch (IOException e) {
            throw new UncheckedIOException("a record with a right checksum has no JSON in it", e);
        }
    }

    static ObjectNode rule(Rule rule) {
        return object().put("epoch", rule.epoch()).put("phase", rule.phase().name());
    }

    static Rule rule(JsonNode node) {
        return node.isObject()
                ? new Rule(
                        node.path("epoch").asLong(),
                        Phase.valueOf(node.path("phase").asText()))
                : null;
    }

    // ---- sets ----------------------------------------------------------------------------------------------------

    byte[] set(ChangeSet set) {
        StringBuilder out = new StringBuilder(700);
        set(set, out);
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    void set(ChangeSet set, StringBuilder out) {
        out.append("{\"position\":").append(set.position());
        out.append(",\"set\":\"").append(set.id());
        out.append("\",\"epoch\":").append(set.rule().epoch());
        out.append(",\"phase\":\"").append(set.rule().phase().name());
        out.append("\",\"at\":\"").append(set.at());
        out.append("\",\"by\":");
        EntryWriter.string(set.by(), out, false);
        if (set.key() != null) {
            out.append(",\"key\":");
            EntryWriter.string(set.key().key(), out, false);
            out.append(",\"request\":\"").append(set.key().request()).append('"');
        }
        out.append(",\"changes\":[");
        String comma = "";
        for (Change change : set.changes()) {
            out.append(comma).append("{\"change\":\"").append(change.id());
            out.append("\",");
            trace(change.entryId(), out);
            out.append(change.version());
            out.append(",\"action\":\"").append(change.action().name());
            out.append("\",\"before\":");
            entry(change.before(), out);
            out.append(",\"after\":");
            entry(change.after(), out);
            if (change.digest() != null) {
                out.append(",\"digest\":\"").append(change.digest()).append('"');
            }
            out.append('}');
            comma = ",";
        }
        out.append("]}");
    }

    /** What a set has in it, of all entries, only where it changes this one. */
    static byte[] traceOf(long entryId) {
        StringBuilder out = new StringBuilder(40);
        trace(entryId, out);
        return out.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static void trace(long entryId, StringBuilder out) {
        out.append("\"id\":").append(entryId).append(",\"version\":");
    }

    private void entry(Entry entry, StringBuilder out) {
        if (entry == null) {
            out.append("null");
        } else {
            EntryWriter.compact(kind, entry, out);
        }
    }

    ChangeSet set(byte[] payload) {
        try (JsonParser parser = FACTORY.createParser(payload)) {
            parser.nextToken();
            return set(parser);
        } catch (IOException e) {
            throw new UncheckedIOException("a record with a right checksum is no set of changes", e);
        }
    }

    private ChangeSet set(JsonParser parser) throws IOException {
        long position = 0;
        UUID id = null;
        long epoch = 0;
        Phase phase = null;
        Instant at = null;
        String by = null;
        String key = null;
        UUID request = null;
        List<Change> changes = new ArrayList<>(1);
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            parser.nextToken();
            switch (field) {
                case "position" -> position = parser.getLongValue();
                case "set" -> id = UUID.fromString(parser.getText());
                case "epoch" -> epoch = parser.getLongValue();
                case "phase" -> phase = phase(parser.getText());
                case "at" -> at = Instant.parse(parser.getText());
                case "by" -> by = parser.getText().intern();
                case "key" -> key = parser.getText();
                case "request" -> request = UUID.fromString(parser.getText());
                case "changes" -> {
                    while (parser.nextToken() == JsonToken.START_OBJECT) {
                        changes.add(change(parser));
                    }
                }
                default -> parser.skipChildren();
            }
        }
        return new ChangeSet(
                position,
                id,
                new Rule(epoch, phase),
                at,
                by,
                key == null ? null : new IdempotencyKey(key, request),
                changes);
    }

    private Change change(JsonParser parser) throws IOException {
        UUID id = null;
        long entryId = 0;
        long version = 0;
        Action action = null;
        Entry before = null;
        Entry after = null;
        UUID digest = null;
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            parser.nextToken();
            switch (field) {
                case "change" -> id = UUID.fromString(parser.getText());
                case "id" -> entryId = parser.getLongValue();
                case "version" -> version = parser.getLongValue();
                case "action" -> action = action(parser.getText());
                case "before" -> before = entries.read(parser);
                case "after" -> after = entries.read(parser);
                case "digest" -> digest = UUID.fromString(parser.getText());
                default -> parser.skipChildren();
            }
        }
        return new Change(id, entryId, version, action, before, after, digest);
    }

    private static Action action(String name) {
        for (Action action : ACTIONS) {
            if (action.name().equals(name)) {
                return action;
            }
        }
        throw new IllegalArgumentException("no action " + name);
    }

    private static Phase phase(String name) {
        for (Phase phase : PHASES) {
            if (phase.name().equals(name)) {
                return phase;
            }
        }
        throw new IllegalArgumentException("no phase " + name);
    }

    // ---- rows of a full image ------------------------------------------------------------------------------------

    byte[] rows(List<ImageRow> rows) {
        StringBuilder out = new StringBuilder(rows.size() * 350).append("{\"rows\":[");
        String comma = "";
        for (ImageRow row : rows) {
            out.append(comma).append("{\"version\":").append(row.version());
            if (row.held() != null) {
                out.append(",\"epoch\":").append(row.held().epoch());
                uuid("change", row.held().changeId(), out);
                uuid("digest", row.held().digest(), out);
                out.append(",\"entry\":");
                EntryWriter.compact(kind, row.held().entry(), out);
            } else {
                out.append(",\"epoch\":").append(row.tombstone().epoch());
                uuid("change", row.tombstone().changeId(), out);
                out.append(",\"deleted\":").append(row.id());
            }
            out.append('}');
            comma = ",";
        }
        return out.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void uuid(String name, UUID value, StringBuilder out) {
        if (value != null) {
            out.append(",\"").append(name).append("\":\"").append(value).append('"');
        }
    }

    List<ImageRow> rows(byte[] payload) {
        List<ImageRow> rows = new ArrayList<>();
        try (JsonParser parser = FACTORY.createParser(payload)) {
            parser.nextToken();
            parser.nextToken();
            parser.nextToken();
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                rows.add(row(parser));
            }
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException("a record with a right checksum holds no rows", e);
        }
    }

    private ImageRow row(JsonParser parser) throws IOException {
        long version = 0;
        long epoch = 0;
        UUID change = null;
        UUID digest = null;
        Entry entry = null;
        long deleted = 0;
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            parser.nextToken();
            switch (field) {
                case "version" -> version = parser.getLongValue();
                case "epoch" -> epoch = parser.getLongValue();
                case "change" -> change = UUID.fromString(parser.getText());
                case "digest" -> digest = UUID.fromString(parser.getText());
                case "entry" -> entry = entries.read(parser);
                case "deleted" -> deleted = parser.getLongValue();
                default -> parser.skipChildren();
            }
        }
        return entry != null
                ? new ImageRow(new Held(entry, version, epoch, change, digest), null)
                : new ImageRow(null, new Tombstone(deleted, version, epoch, change));
    }
}
