package io.homebudget.backup.format;

import com.github.luben.zstd.ZstdOutputStream;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.ExportHead;
import io.homebudget.ledger.phase.StoreName;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a snapshot's folder beside the others, as {@code .partial-ID}, and renames it when it is whole.
 *
 * <p>Guarantees: under its own name a snapshot has all its files, fsynced, with a manifest that fits them. Killed at any moment,
 * what is left is a {@code .partial-} folder, which nobody lists and the next start removes. Closing without
 * {@link #publish} removes it at once. For one thread.
 */
public final class SnapshotWriter implements AutoCloseable {
    public static final String PARTIAL = ".partial-";
    /** The fastest level that is still worth it: half of what level 3 costs, a tenth larger. */
    private static final int LEVEL = 1;

    private static final int BUFFER = 1 << 16;

    private final Path backups;
    private final SnapshotId id;
    private final Path folder;
    private final List<StoreImage> images = new ArrayList<>();
    private final List<FileSum> files = new ArrayList<>();
    private boolean published;

    /** Sees every row on its way into the file. */
    public interface RowListener {
        void row(ExportLines export) throws IOException;
    }

    /** Writes one further file of the snapshot. */
    public interface Content {
        void to(OutputStream out) throws IOException;
    }

    /** What the manifest says beyond images and files. */
    public record Description(
            Instant createdAt,
            Reason reason,
            String actor,
            String comment,
            List<TopicEnd> topics,
            List<String> missing,
            List<String> notes) {}

    private SnapshotWriter(Path backups, SnapshotId id) {
        this.backups = backups;
        this.id = id;
        this.folder = backups.resolve(PARTIAL + id);
    }

    public static SnapshotWriter begin(Path backups, SnapshotId id) throws IOException {
        SnapshotWriter writer = new SnapshotWriter(backups, id);
        Durable.folder(writer.folder);
        return writer;
    }

    /** Where the snapshot is being made. */
    public Path folder() {
        return folder;
    }

    /**
     * Takes an export's rows into {@code json/} or {@code postgres/}, byte for byte as they come.
     *
     * @param primary whether the store rules its kind
     * @param listener sees each row
     * @throws ExportLines.BrokenExport where the export is not whole; the snapshot must then be given up
     */
    public StoreImage entries(Kind kind, StoreName store, boolean primary, InputStream export, RowListener listener)
            throws IOException {
        String path = store.word() + "/" + kind.word() + ".entries.copy.zst";
        try {
            return taken(kind, store, primary, path, export, listener);
        } catch (IOException | RuntimeException e) {
            // so that another attempt, or a snapshot without this store, finds nothing in its way
            Files.deleteIfExists(folder.resolve(path));
            throw e;
        }
    }

    private StoreImage taken(
            Kind kind, StoreName store, boolean primary, String path, InputStream export, RowListener listener)
            throws IOException {
        SummedFile file = open(path);
        ExportLines lines;
        ZstdOutputStream packer = new ZstdOutputStream(new BufferedOutputStream(file, BUFFER), LEVEL);
        packer.setChecksum(true);
        try (OutputStream packed = new WriteBehind(packer)) {
            lines = new ExportLines(export);
            while (lines.next()) {
                lines.writeTo(packed);
                listener.row(lines);
            }
        }
        ExportHead head = lines.head();
        if (!kind.word().equals(head.kind()) || !store.word().equals(head.store())) {
            throw new IOException("asked for the " + store.word() + " store of " + kind.plural() + ", got the "
                    + head.store() + " store of " + head.kind());
        }
        StoreImage image = image(kind, store, path, primary, head, lines.sum());
        files.add(file.sum());
        images.add(image);
        return image;
    }

    /** Adds a file of any content. */
    public FileSum file(String path, Content content) throws IOException {
        SummedFile file = open(path);
        try (OutputStream out = new BufferedOutputStream(file, BUFFER)) {
            content.to(out);
        }
        files.add(file.sum());
        return file.sum();
    }

    private SummedFile open(String path) throws IOException {
        Durable.folder(folder.resolve(path).getParent());
        return new SummedFile(folder, path);
    }

    /** Writes guide, manifest and sums, and makes everything durable; the folder is then whole but not listed. */
    public Manifest complete(Description description) throws IOException {
        Manifest draft = manifest(description);
        file(Manifest.GUIDE, out -> out.write(RestoreGuide.text(draft).getBytes(StandardCharsets.UTF_8)));
        Manifest manifest = manifest(description);
        byte[] json = SnapshotJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest);
        write(Manifest.FILE, json);
        StringBuilder sums = new StringBuilder();
        sums.append(FileSummer.of(folder, Manifest.FILE).sha256()).append("  ").append(Manifest.FILE);
        for (FileSum file : manifest.files()) {
            sums.append('\n').append(file.sha256()).append("  ").append(file.path());
        }
        write(Manifest.SUMS, sums.append('\n').toString().getBytes(StandardCharsets.UTF_8));
        try (var entries = Files.list(folder)) {
            for (Path sub : entries.filter(Files::isDirectory).toList()) {
                Durable.syncFolder(sub);
            }
        }
        Durable.syncFolder(folder);
        return manifest;
    }

    private Manifest manifest(Description description) {
        return new Manifest(
                Manifest.FORMAT,
                id,
                description.createdAt(),
                description.reason(),
                description.actor(),
                description.comment(),
                images,
                description.topics(),
                description.missing(),
                description.notes(),
                files);
    }

    private void write(String name, byte[] bytes) throws IOException {
        try (SummedFile out = new SummedFile(folder, name)) {
            out.write(bytes, 0, bytes.length);
        }
    }

    /** Gives the whole folder its name, durably; from now on it is listed. */
    public Path publish() throws IOException {
        Path target = backups.resolve(id.text());
        Files.move(folder, target, StandardCopyOption.ATOMIC_MOVE);
        published = true;
        Durable.syncFolder(backups);
        return target;
    }

    @Override
    public void close() throws IOException {
        if (!published) {
            Durable.removeTree(folder);
        }
    }

    private static StoreImage image(
            Kind kind, StoreName store, String path, boolean primary, ExportHead head, RowSource.Sum sum) {
        return new StoreImage(
                kind,
                store,
                path,
                primary,
                head.phase(),
                head.epoch(),
                head.position(),
                head.identity(),
                head.idsThrough(),
                head.publishedThrough(),
                head.schemaVersion(),
                head.at(),
                sum.entries(),
                sum.tombstones(),
                sum.digest(),
                sum.damaged());
    }
}
