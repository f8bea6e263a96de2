package io.homebudget.local.home;

import io.homebudget.ledger.entry.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Puts a person's two JSON files into an empty home, both or neither: a marker is written first and removed last, so that a
 * start that was killed in between is repeated instead of taken for a home in use. The originals are only read. One that still
 * changes is refused: an old backend that runs on would go on writing what nobody takes over.
 */
public final class JsonImport {
    /** The old backend overwrites the whole file at every request; between two clicks of a person seconds pass. */
    private static final Duration REST = Duration.ofSeconds(2);

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long LOOK_MILLIS = 100;

    private final Home home;
    private final Path sample;
    private final Duration rest;
    private final Duration patience;

    /** @param sample the ledger that ships with the project, taken when a home is empty and nothing else was asked for */
    public JsonImport(Home home, Path sample) {
        this(home, sample, REST, PATIENCE);
    }

    /** @param rest how long a file must have been left alone; {@code patience} how long that is waited for */
    JsonImport(Home home, Path sample, Duration rest, Duration patience) {
        this.home = home;
        this.sample = sample;
        this.rest = rest;
        this.patience = patience;
    }

    /**
     * @param asked the folder named with {@code --import}; null for none
     * @return what was imported, in words; empty where the home was in use
     */
    public List<String> run(Path asked) {
        Path marker = home.run().resolve("import.unfinished");
        boolean inUse = !Files.exists(marker) && inUse();
        if (inUse && asked != null) {
            throw new Refused("--import is for an empty home, and " + home.folder()
                    + " is in use: it holds data under data/. Import into a new home (--home DIR), or bring single files"
                    + " into the running system with deploy/local/ctl import FILE --kind expense.");
        }
        if (inUse) {
            return List.of();
        }
        Path source = asked == null ? sample : asked;
        List<Kind> found = readable(source);
        try {
            Files.writeString(marker, source.toAbsolutePath() + "\n");
            List<String> said = new ArrayList<>();
            for (Kind kind : Kind.values()) {
                if (found.contains(kind)) {
                    copy(source.resolve(kind.arrayFileName()), kind);
                    said.add(source.resolve(kind.arrayFileName()) + " -> "
                            + home.data(kind).resolve(kind.arrayFileName()));
                } else {
                    said.add("no " + kind.arrayFileName() + " in " + source + ": " + kind.plural() + " start empty");
                }
            }
            Files.delete(marker);
            return said;
        } catch (IOException e) {
            throw new Refused("The import from " + source + " failed: " + e.getMessage()
                    + ". Nothing was started; the next up on this home imports anew.");
        }
    }

    private boolean inUse() {
        for (Kind kind : Kind.values()) {
            if (Home.holdsSomething(home.data(kind))) {
                return true;
            }
        }
        return Home.holdsSomething(home.postgresData());
    }

    private static List<Kind> readable(Path source) {
        if (!Files.isDirectory(source)) {
            throw new Refused(
                    "--import " + source + " is not a folder. Name the one that holds expenses.json and incomes.json.");
        }
        List<Kind> found = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            Path file = source.resolve(kind.arrayFileName());
            if (!Files.exists(file)) {
                continue;
            }
            if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
                throw new Refused(file + " cannot be read. Give this user the right to read it.");
            }
            found.add(kind);
        }
        if (found.isEmpty()) {
            throw new Refused("--import " + source + " holds neither expenses.json nor incomes.json.");
        }
        return found;
    }

    /** @param modified with the size it tells a file from what it was, in place or replaced */
    private record Stamp(FileTime modified, long size) {
        static Stamp of(Path file) throws IOException {
            return new Stamp(Files.getLastModifiedTime(file), Files.size(file));
        }

        boolean restedFor(Duration rest) {
            return modified.toInstant().plus(rest).isBefore(Instant.now());
        }
    }

    private void copyAtRest(Path from, Path beside) throws IOException {
        Instant limit = Instant.now().plus(patience);
        while (true) {
            Stamp before = Stamp.of(from);
            if (before.restedFor(rest)) {
                Files.copy(from, beside, StandardCopyOption.REPLACE_EXISTING);
                if (Stamp.of(from).equals(before)) {
                    return;
                }
            }
            if (Instant.now().isAfter(limit)) {
                Files.deleteIfExists(beside);
                throw new Refused(
                        from + " still changes: somebody else writes it, an old backend perhaps. Stop that, then"
                                + " repeat. Nothing was taken over; the next up on this home imports anew.");
            }
            try {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while waiting for " + from + " to rest", e);
            }
        }
    }

    private void copy(Path from, Kind kind) throws IOException {
        Home.privateFolder(home.data(kind));
        Path to = home.data(kind).resolve(kind.arrayFileName());
        Path beside = home.data(kind).resolve(kind.arrayFileName() + ".importing");
        copyAtRest(from, beside);
        Files.setPosixFilePermissions(beside, PosixFilePermissions.fromString("rw-------"));
        try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(beside, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel folder = FileChannel.open(home.data(kind))) {
            folder.force(true);
        }
    }
}
