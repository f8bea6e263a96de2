package io.homebudget.local.home;

import io.homebudget.ledger.entry.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.stream.Stream;

/** Where everything of one local installation lies. All paths are absolute, so that processes can be told apart by them. */
public record Home(Path folder) {

    public Home {
        folder = folder.toAbsolutePath().normalize();
    }

    /** The same folder by its real path, made if absent: two spellings of one home must not pass as two homes. */
    public static Home made(Path folder) {
        try {
            if (!Files.exists(folder)) {
                privateFolder(folder);
            }
            Home home = new Home(folder.toRealPath());
            for (Path sub : new Path[] {home.run(), home.logs(), home.data(), home.backups(), home.credentials()}) {
                privateFolder(sub);
            }
            return home;
        } catch (IOException e) {
            throw new Refused("The home " + folder + " cannot be made or written: " + e.getMessage()
                    + ". Choose another with --home DIR.");
        }
    }

    /** The home that {@code ctl} talks about; it must exist. */
    public static Home existing(Path folder) {
        if (!Files.isDirectory(folder.resolve("run"))) {
            throw new Refused("There is no home at " + folder.toAbsolutePath().normalize()
                    + ". Start one with deploy/local/up, or name it with --home DIR.");
        }
        try {
            return new Home(folder.toRealPath());
        } catch (IOException e) {
            throw new Refused("The home " + folder + " cannot be read: " + e.getMessage());
        }
    }

    public Path run() {
        return folder.resolve("run");
    }

    public Path logs() {
        return folder.resolve("logs");
    }

    public Path data() {
        return folder.resolve("data");
    }

    public Path data(Kind kind) {
        return data().resolve(kind.word());
    }

    public Path backups() {
        return folder.resolve("backups");
    }

    public Path credentials() {
        return folder.resolve("credentials");
    }

    public Path postgresData() {
        return data().resolve("postgres");
    }

    public Path kafkaData() {
        return data().resolve("kafka");
    }

    /** Programs unpacked once, keyed by version; may be deleted while nothing runs. */
    public Path cache() {
        return folder.resolve("cache");
    }

    public Path pid(String member) {
        return run().resolve(member + ".pid");
    }

    public Path log(String member) {
        return logs().resolve(member + ".log");
    }

    /** The front door's port of the last start, for {@code ctl}. */
    public Optional<Ports> lastPorts() {
        try {
            return Optional.of(new Ports(
                    Integer.parseInt(Files.readString(run().resolve("port")).strip())));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    public void rememberPorts(Ports ports) {
        try {
            Files.writeString(run().resolve("port"), ports.frontDoor() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static boolean holdsSomething(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    public static void privateFolder(Path folder) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
}
