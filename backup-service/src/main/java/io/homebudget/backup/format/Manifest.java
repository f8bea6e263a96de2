package io.homebudget.backup.format;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.StoreName;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * {@code manifest.json}: what a snapshot holds and what each of its files must be. Written last, never changed.
 *
 * @param format {@link #FORMAT}; a newer one than known is refused
 * @param actor who asked; {@code comment} why, in their words, null where they gave none
 * @param images one per store in use, the expenses' first
 * @param topics null where Kafka could not be asked
 * @param missing stores in use that could not be read, in words; empty for a complete snapshot. Never one that ruled
 * @param notes what a person should know: what was away, what was damaged
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Manifest(
        int format,
        SnapshotId id,
        Instant createdAt,
        Reason reason,
        String actor,
        String comment,
        List<StoreImage> images,
        List<TopicEnd> topics,
        List<String> missing,
        List<String> notes,
        List<FileSum> files) {
    /** In 1, rows were files of JSON lines; they are still read. */
    public static final int FORMAT = 2;

    public static final String FILE = "manifest.json";
    public static final String SUMS = "SHA256SUMS";
    public static final String GUIDE = "RESTORE.md";

    public Manifest {
        if (format < 1 || format > FORMAT) {
            throw new IllegalArgumentException(newer(format));
        }
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(createdAt, "created_at");
        Objects.requireNonNull(reason, "reason");
        images = List.copyOf(images);
        topics = topics == null ? null : List.copyOf(topics);
        missing = missing == null ? List.of() : List.copyOf(missing);
        notes = notes == null ? List.of() : List.copyOf(notes);
        files = List.copyOf(files);
    }

    static String newer(int format) {
        return "format " + format + " is newer than " + FORMAT
                + ", the newest that this program knows: use the version that wrote the snapshot, or a newer one";
    }

    public Optional<StoreImage> image(Kind kind, StoreName store) {
        return images.stream().filter(image -> image.is(kind, store)).findFirst();
    }

    /** The image of the store that ruled the kind. */
    public Optional<StoreImage> primaryImage(Kind kind) {
        return images.stream()
                .filter(image -> image.kind() == kind && image.primary())
                .findFirst();
    }

    public Optional<FileSum> file(String path) {
        return files.stream().filter(file -> file.path().equals(path)).findFirst();
    }

    /** Whether every store that was in use is in it. */
    public boolean complete() {
        return missing.isEmpty();
    }

    /** Live entries of the primaries of all kinds. */
    public long entries() {
        return images.stream()
                .filter(StoreImage::primary)
                .mapToLong(StoreImage::entries)
                .sum();
    }

    /** Of all files that the manifest lists. */
    public long bytes() {
        return files.stream().mapToLong(FileSum::bytes).sum();
    }
}
