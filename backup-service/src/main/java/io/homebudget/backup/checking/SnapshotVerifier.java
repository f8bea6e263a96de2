package io.homebudget.backup.checking;

import com.github.luben.zstd.ZstdInputStream;
import io.homebudget.backup.arrays.ArrayArchive;
import io.homebudget.backup.catalogue.StateFile;
import io.homebudget.backup.format.DamagedSnapshot;
import io.homebudget.backup.format.EntryStream;
import io.homebudget.backup.format.FileSum;
import io.homebudget.backup.format.FileSummer;
import io.homebudget.backup.format.Flaw;
import io.homebudget.backup.format.Manifest;
import io.homebudget.backup.format.SnapshotReader;
import io.homebudget.backup.format.StoreImage;
import io.homebudget.backup.jobs.Progress;
import io.homebudget.ledger.phase.StoreName;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.commons.io.input.TeeInputStream;

/**
 * Proves a snapshot's folder: every byte of every file, the structure of the data, and that rows, archive and manifest agree.
 *
 * <p>Guarantees (A29): any changed, missing or additional byte in any file, the manifest and the sums included, gives a
 * {@link Flaw} that names the file, and the bytes or the line as far as checksums can tell. Changes nothing. Memory does not
 * depend on the snapshot's size.
 */
public final class SnapshotVerifier {
    /** More would not be read by anybody; the first ones say where to look. */
    private static final int MOST_PLACES = 5;

    private SnapshotVerifier() {}

    /** How the rows are proven. */
    private enum Rows {
        /** Each row is read, and all of them counted and digested. */
        READ,
        /** They are unpacked, and the packer's own checksum says that they are those that were packed. */
        UNPACKED,
        /** Their file's bytes are those that were written. */
        SUMMED
    }

    /** @return what is wrong; empty for a snapshot that is whole */
    public static List<Flaw> verify(Path folder, Progress progress) throws IOException, InterruptedException {
        return verify(folder, progress, Rows.READ);
    }

    /**
     * The same for a snapshot that was written just now by this process, whose rows were counted and digested on their way into the
     * packer: what is unpacked from the disk again is what went in, so reading it row by row once more would prove nothing new,
     * and take a third of the time of making it.
     */
    public static List<Flaw> verifyWritten(Path folder, Progress progress) throws IOException, InterruptedException {
        return verify(folder, progress, Rows.UNPACKED);
    }

    /**
     * Every byte of every file, and the structure only of what is not rows or made from them: for who reads each row afterwards and acts on
     * none before the last one is proven, so that reading them here would be the same work twice.
     */
    public static List<Flaw> verifyBytes(Path folder, Progress progress) throws IOException, InterruptedException {
        return verify(folder, progress, Rows.SUMMED);
    }

    private static List<Flaw> verify(Path folder, Progress progress, Rows depth)
            throws IOException, InterruptedException {
        SnapshotReader reader;
        try {
            reader = SnapshotReader.open(folder);
        } catch (DamagedSnapshot e) {
            return List.of(e.flaw());
        }
        Manifest manifest = reader.manifest();
        List<Flaw> flaws = new ArrayList<>(strangers(folder, manifest));
        StateFile.check(folder).ifPresent(flaws::add);
        long total = Math.max(1, manifest.bytes());
        long done = 0;
        for (FileSum file : manifest.files()) {
            if (Thread.interrupted()) {
                throw new InterruptedException("the verification was interrupted");
            }
            progress.at((double) done / total, "checking " + file.path());
            flaws.addAll(file(reader, file, depth));
            done += file.bytes();
        }
        progress.at(1, "checked");
        return List.copyOf(flaws);
    }

    private static List<Flaw> file(SnapshotReader reader, FileSum file, Rows depth) throws IOException {
        Path folder = reader.folder();
        Manifest manifest = reader.manifest();
        for (StoreImage image : manifest.images()) {
            if (image.file().equals(file.path()) && depth != Rows.SUMMED) {
                return rows(reader, file, image, depth);
            }
        }
        FileSum found;
        try {
            found = FileSummer.of(folder, file.path());
        } catch (NoSuchFileException e) {
            return List.of(new Flaw(file.path(), "", "it is missing"));
        } catch (IOException e) {
            return List.of(new Flaw(file.path(), "", "it cannot be read: " + e.getMessage()));
        }
        if (!found.sha256().equals(file.sha256())) {
            return damage(file, found);
        }
        if (file.path().endsWith(".tar.gz") && depth != Rows.SUMMED) {
            return ArrayArchive.check(
                    folder,
                    file.path(),
                    manifest.images().stream()
                            .filter(image -> image.store() == StoreName.JSON)
                            .toList());
        }
        return List.of();
    }

    /** Reads the file once; only where something is wrong it is read again, for the place. */
    private static List<Flaw> rows(SnapshotReader reader, FileSum file, StoreImage image, Rows depth) {
        try {
            List<Flaw> flaws = depth == Rows.READ ? rows(reader, image) : unpacked(reader.folder(), file);
            if (flaws.isEmpty()) {
                return flaws;
            }
            FileSum found = FileSummer.of(reader.folder(), file.path());
            return found.sha256().equals(file.sha256()) ? flaws : damage(file, found);
        } catch (NoSuchFileException e) {
            return List.of(new Flaw(file.path(), "", "it is missing"));
        } catch (IOException e) {
            return List.of(new Flaw(file.path(), "", "it cannot be read: " + e.getMessage()));
        }
    }

    private static List<Flaw> rows(SnapshotReader reader, StoreImage image) throws IOException {
        try (EntryStream rows = reader.entries(image.kind(), image.store())) {
            rows.prove();
            return List.of();
        } catch (DamagedSnapshot e) {
            return List.of(e.flaw());
        }
    }

    private static List<Flaw> unpacked(Path folder, FileSum file) throws NoSuchFileException {
        FileSummer summer = new FileSummer();
        try (InputStream packed = new TeeInputStream(Files.newInputStream(folder.resolve(file.path())), summer);
                InputStream in = new ZstdInputStream(packed)) {
            in.transferTo(OutputStream.nullOutputStream());
            // what the decompressor left
            packed.transferTo(OutputStream.nullOutputStream());
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            return List.of(new Flaw(file.path(), "", "it cannot be unpacked: " + e.getMessage()));
        }
        return summer.finish(file.path()).sha256().equals(file.sha256())
                ? List.of()
                : List.of(new Flaw(file.path(), "", "its SHA-256 is not the one that the manifest says"));
    }

    /** Where a file differs, told by the blocks' checksums. */
    private static List<Flaw> damage(FileSum expected, FileSum found) {
        List<Flaw> flaws = new ArrayList<>();
        if (found.bytes() != expected.bytes()) {
            flaws.add(new Flaw(
                    expected.path(), "", "it has " + found.bytes() + " bytes, the manifest says " + expected.bytes()));
        }
        int blocks = Math.min(expected.blocks().size(), found.blocks().size());
        for (int i = 0; i < blocks && flaws.size() < MOST_PLACES; i++) {
            if (!expected.blocks().get(i).equals(found.blocks().get(i))) {
                long from = (long) i * FileSum.BLOCK;
                long to = Math.min(from + FileSum.BLOCK, expected.bytes()) - 1;
                flaws.add(new Flaw(
                        expected.path(), "bytes " + from + " to " + to, "they are not those that were written"));
            }
        }
        if (flaws.isEmpty()) {
            flaws.add(new Flaw(expected.path(), "", "its SHA-256 is not the one that the manifest says"));
        }
        return flaws;
    }

    private static List<Flaw> strangers(Path folder, Manifest manifest) throws IOException {
        Set<String> known = new TreeSet<>(Set.of(Manifest.FILE, Manifest.SUMS, StateFile.NAME));
        manifest.files().forEach(file -> known.add(file.path()));
        List<Flaw> flaws = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(path -> !Files.isDirectory(path)).toList()) {
                String path = folder.relativize(file).toString().replace('\\', '/');
                if (!known.contains(path)) {
                    flaws.add(new Flaw(path, "", "no such file was written with the snapshot"));
                }
            }
        }
        return flaws;
    }
}
