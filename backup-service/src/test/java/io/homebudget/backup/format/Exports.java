package io.homebudget.backup.format;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.internal.ExportHead;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.rows.RowText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/** Exports as a ledger service sends them, for tests: the same for the same seed. */
public final class Exports {
    private static final String[] CATEGORIES = {"food", "Rent", "קפה", "a \"quoted\" one", "line\nbreak"};
    private static final UUID IDENTITY = new UUID(7, 7);

    private Exports() {}

    /** @param rows every tenth of them is a tombstone */
    public static List<EntryImage> images(Kind kind, int rows, long seed) {
        Random random = new Random(seed);
        List<EntryImage> images = new ArrayList<>(rows);
        long id = 0;
        for (int i = 0; i < rows; i++) {
            id += 1 + random.nextInt(3);
            UUID change = new UUID(random.nextLong(), random.nextLong());
            long version = 1 + random.nextInt(9);
            if (i % 10 == 9) {
                images.add(new EntryImage(id, version, 1, change, true, null, null));
                continue;
            }
            Entry entry = new Entry(
                    id,
                    LocalDate.of(2020, 1, 1).plusDays(random.nextInt(2_000)),
                    kind == Kind.INCOME || random.nextInt(4) == 0 ? null : "business " + random.nextInt(50),
                    CATEGORIES[random.nextInt(CATEGORIES.length)],
                    random.nextInt(1_000_000) - 1_000,
                    "account " + random.nextInt(5),
                    "₪",
                    random.nextBoolean() ? null : random.nextBoolean() ? "" : "note " + random.nextInt());
            images.add(new EntryImage(id, version, 1, change, false, EntryDigest.of(entry), EntryValues.of(entry)));
        }
        return images;
    }

    public static ExportHead head(Kind kind, StoreName store, Phase phase, long position, List<EntryImage> images) {
        return head(kind, store, phase, 1, position, images);
    }

    public static ExportHead head(
            Kind kind, StoreName store, Phase phase, long epoch, long position, List<EntryImage> images) {
        return new ExportHead(
                ExportHead.FORMAT,
                kind.word(),
                store.word(),
                position,
                images.size(),
                epoch,
                phase,
                IDENTITY,
                images.isEmpty() ? 0 : images.get(images.size() - 1).id() + 100,
                position,
                store == StoreName.POSTGRES ? "1" : null,
                Instant.parse("2026-01-31T12:00:00.123456Z"));
    }

    public static String text(ExportHead head, List<EntryImage> images) {
        long tombstones = images.stream().filter(EntryImage::deleted).count();
        StringBuilder out = new StringBuilder();
        out.append(json(head)).append('\n');
        Kind kind = Kind.ofWord(head.kind()).orElseThrow();
        images.forEach(image -> RowText.append(kind, image, out));
        return out.append(json(new ExportHead.Tail(true, images.size() - tombstones, tombstones)))
                .append('\n')
                .toString();
    }

    public static InputStream stream(Kind kind, StoreName store, Phase phase, List<EntryImage> images) {
        return stream(text(head(kind, store, phase, 4_711, images), images));
    }

    public static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    /** As exports and snapshots of format 1 were: rows as JSON. */
    public static String oldText(ExportHead head, List<EntryImage> images) {
        StringBuilder out = new StringBuilder(json(head).replace("\"format\":2", "\"format\":1")).append('\n');
        images.forEach(image -> out.append(json(image)).append('\n'));
        long tombstones = images.stream().filter(EntryImage::deleted).count();
        return out.append(json(new ExportHead.Tail(true, images.size() - tombstones, tombstones)))
                .append('\n')
                .toString();
    }

    /** Something that is done with a snapshot before it is whole. */
    public interface Also {
        void to(SnapshotWriter writer) throws IOException;
    }

    /** A small snapshot of incomes in a folder. */
    public static void snapshot(Path folder, SnapshotId id, Instant at) throws IOException {
        snapshot(
                folder,
                id,
                new SnapshotWriter.Description(at, Reason.MANUAL, "operator", null, null, List.of(), List.of()),
                writer -> {});
    }

    public static void snapshot(Path folder, SnapshotId id, SnapshotWriter.Description description, Also also)
            throws IOException {
        try (SnapshotWriter writer = SnapshotWriter.begin(folder, id)) {
            writer.entries(
                    Kind.INCOME,
                    StoreName.JSON,
                    true,
                    stream(Kind.INCOME, StoreName.JSON, Phase.JSON_ONLY, images(Kind.INCOME, 20, 1)),
                    export -> {});
            also.to(writer);
            writer.complete(description);
            writer.publish();
        }
    }

    private static String json(Object value) {
        try {
            return SnapshotJson.MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
