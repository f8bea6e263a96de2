package io.homebudget.ledger.storage.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.journal.Frame;
import io.homebudget.ledger.storage.journal.FrameBuffer;
import io.homebudget.ledger.storage.journal.FrameReader;
import io.homebudget.ledger.storage.journal.FrameType;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Standing.FollowerState;
import io.homebudget.ledger.storage.store.Tombstone;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What the array file cannot say: versions, change ids and digests of its entries, tombstones, who rules. One file per
 * checkpoint, {@code expenses.meta-<frame>}, holding the digest of the array it belongs to; the pair is what a start begins with.
 */
final class MetaFile {
    static final int FORMAT = 1;
    private static final int ROWS = 1_000;
    private static final int ENTRY_BYTES = 56;
    private static final int TOMBSTONE_BYTES = 40;

    private MetaFile() {}

    /** The first frame. @param frame the last journal record whose effect the checkpoint holds */
    record Header(Path file, long frame, ArrayFile.Seal array, JsonNode json) {}

    static Path name(Path folder, Kind kind, long frame) {
        return folder.resolve(String.format("%s.meta-%019d", kind.plural(), frame));
    }

    /** All that can be read as such, newest last. A leftover that was not finished is never under this name. */
    static List<Header> find(Path folder, Kind kind) throws IOException {
        List<Header> headers = new ArrayList<>();
        for (Path file : files(folder, kind)) {
            headers.add(header(file, kind));
        }
        return headers;
    }

    /** All by their names, readable or not, newest last. */
    static List<Path> files(Path folder, Kind kind) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().matches(kind.plural() + "\\.meta-\\d{19}"))
                    .sorted()
                    .toList();
        }
    }

    private static Header header(Path file, Kind kind) throws IOException {
        try (FrameReader reader = new FrameReader(file)) {
            Frame first = reader.next();
            if (first == null || first.type() != FrameType.META_HEADER) {
                throw damage(file, 0, "this is no metadata file");
            }
            JsonNode json = RecordJson.tree(first.payload());
            if (json.path("format").asInt() > FORMAT) {
                throw new RecoveryRequired(
                        file,
                        0,
                        "it has format " + json.path("format").asInt() + ", this version knows formats up to " + FORMAT,
                        "Start the newer version that wrote it.");
            }
            if (!json.path("kind").asText().equals(kind.word())) {
                throw new RecoveryRequired(
                        file, 0, "it belongs to kind " + json.path("kind").asText(), "Check the data folder.");
            }
            return new Header(
                    file,
                    json.path("frame").asLong(),
                    new ArrayFile.Seal(
                            json.path("array_sha256").asText(),
                            json.path("array_length").asLong()),
                    json);
        }
    }

    // ---- writing -------------------------------------------------------------------------------------------------

    static void write(Disk disk, Path file, Kind kind, View view, ArrayFile.Seal array, RecordJson json)
            throws IOException {
        try (Disk.Writable out = disk.open(file)) {
            out.truncate(0);
            FrameBuffer frames = new FrameBuffer(1 << 17);
            frames.add(FrameType.META_HEADER, 0, headerJson(kind, view, array).toString());
            long number = 1;
            for (String key : view.keysByPosition.values()) {
                frames.add(FrameType.META_KEY, number++, json.set(view.keys.get(key)));
                flush(out, frames, 1 << 16);
            }
            ByteBuffer rows = ByteBuffer.allocate(ROWS * ENTRY_BYTES);
            for (Held held : view.byId.values()) {
                put(rows, held.entry().id(), held.version(), held.epoch(), held.changeId());
                put(rows, held.digest());
                if (!rows.hasRemaining()) {
                    frames.add(FrameType.META_ENTRIES, number++, rows.array(), rows.position());
                    rows.clear();
                    flush(out, frames, 1 << 16);
                }
            }
            frames.add(FrameType.META_ENTRIES, number++, rows.array(), rows.position());
            rows = ByteBuffer.allocate(ROWS * TOMBSTONE_BYTES);
            for (Tombstone tombstone : view.tombstones.values()) {
                put(rows, tombstone.id(), tombstone.version(), tombstone.epoch(), tombstone.changeId());
                if (!rows.hasRemaining()) {
                    frames.add(FrameType.META_TOMBSTONES, number++, rows.array(), rows.position());
                    rows.clear();
                    flush(out, frames, 1 << 16);
                }
            }
            frames.add(FrameType.META_TOMBSTONES, number++, rows.array(), rows.position());
            frames.add(FrameType.META_END, number, "{}");
            flush(out, frames, 0);
            out.force();
        }
    }

    private static void put(ByteBuffer rows, long id, long version, long epoch, UUID change) {
        rows.putLong(id).putLong(version).putLong(epoch);
        put(rows, change);
    }

    private static void put(ByteBuffer rows, UUID value) {
        rows.putLong(value == null ? 0 : value.getMostSignificantBits())
                .putLong(value == null ? 0 : value.getLeastSignificantBits());
    }

    private static void flush(Disk.Writable out, FrameBuffer frames, int atLeast) throws IOException {
        if (frames.size() >= atLeast) {
            out.append(frames.content());
            frames.clear();
        }
    }

    private static ObjectNode headerJson(Kind kind, View view, ArrayFile.Seal array) {
        ObjectNode json = RecordJson.object()
                .put("format", FORMAT)
                .put("kind", kind.word())
                .put("identity", view.identity.toString())
                .put("frame", view.frame)
                .put("substance", view.substance)
                .put("array_sha256", array.sha256())
                .put("array_length", array.length())
                .put("entries", view.byId.size())
                .put("tombstones", view.tombstones.size())
                .put("position", view.position)
                .put("head", view.head)
                .put("floor", view.floor)
                .put("cut_through", view.cutThrough)
                .put("changes", view.changes)
                .put("last_at", view.lastAt.toString())
                .put("ids_through", view.ids)
                .put("published_through", view.published)
                .put("follower_state", view.follower.name())
                .put("rejected", view.rejected)
                .put("orphans", view.orphans);
        ObjectNode orphaned = json.putObject("orphaned");
        view.orphaned.forEach((id, position) -> orphaned.put(id.toString(), position));
        json.set("decided", ruleJson(view.decided));
        json.put("ruled_from", view.ruledFrom);
        json.set("prepared", ruleJson(view.prepared));
        return json;
    }

    private static JsonNode ruleJson(Rule rule) {
        return rule == null ? RecordJson.object().nullNode() : RecordJson.rule(rule);
    }

    // ---- reading -------------------------------------------------------------------------------------------------

    /** What the checkpoint recorded under an id. */
    record Row(long id, long version, long epoch, UUID change, UUID digest) {}

    /** Takes what is in a metadata file. */
    interface Visitor {
        default void key(byte[] set) {}

        default void entry(Row row) throws IOException {}

        default void tombstone(Row row) {}
    }

    /** Reads all of it. Damage is {@link RecoveryRequired}. */
    static void read(FrameReader reader, Visitor visitor) throws IOException {
        reader.next();
        for (Frame frame = reader.next(); frame != null; frame = reader.next()) {
            switch (frame.type()) {
                case META_KEY -> visitor.key(frame.payload());
                case META_ENTRIES -> {
                    ByteBuffer rows = ByteBuffer.wrap(frame.payload());
                    while (rows.hasRemaining()) {
                        visitor.entry(new Row(rows.getLong(), rows.getLong(), rows.getLong(), uuid(rows), uuid(rows)));
                    }
                }
                case META_TOMBSTONES -> {
                    ByteBuffer rows = ByteBuffer.wrap(frame.payload());
                    while (rows.hasRemaining()) {
                        visitor.tombstone(new Row(rows.getLong(), rows.getLong(), rows.getLong(), uuid(rows), null));
                    }
                }
                case META_END -> {
                    return;
                }
                default -> throw damage(reader.file(), frame.offset(), "a record has no place here");
            }
        }
        throw damage(reader.file(), reader.offset(), "it ends too early");
    }

    private static UUID uuid(ByteBuffer rows) {
        long high = rows.getLong();
        long low = rows.getLong();
        return high == 0 && low == 0 ? null : new UUID(high, low);
    }

    /** Sets everything in the view that the header says. */
    static void restore(Header header, View view) {
        JsonNode json = header.json();
        view.identity = UUID.fromString(json.path("identity").asText());
        view.frame = header.frame();
        view.substance = json.path("substance").asLong();
        view.position = json.path("position").asLong();
        view.head = json.path("head").asLong();
        view.floor = json.path("floor").asLong();
        view.cutThrough = json.path("cut_through").asLong();
        view.changes = json.path("changes").asLong();
        view.lastAt = Instant.parse(json.path("last_at").asText());
        view.ids = json.path("ids_through").asLong();
        view.published = Replay.optional(json.path("published_through"));
        view.follower = FollowerState.valueOf(json.path("follower_state").asText());
        view.rejected = json.path("rejected").asLong();
        view.orphans = json.path("orphans").asLong();
        json.path("orphaned")
                .fields()
                .forEachRemaining(orphan -> view.orphaned = view.orphaned.plus(
                        UUID.fromString(orphan.getKey()), orphan.getValue().asLong()));
        view.decided = RecordJson.rule(json.path("decided"));
        view.ruledFrom = json.path("ruled_from").asLong(0);
        view.prepared = RecordJson.rule(json.path("prepared"));
        view.recentAfter = view.position;
    }

    static RecoveryRequired damage(Path file, long offset, String what) {
        return new RecoveryRequired(file, offset, what, "Nothing was changed. Restore a snapshot.");
    }
}
