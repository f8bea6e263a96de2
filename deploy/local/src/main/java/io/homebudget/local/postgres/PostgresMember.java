package io.homebudget.local.postgres;

import io.homebudget.local.home.Credentials;
import io.homebudget.local.home.Home;
import io.homebudget.local.home.Ports;
import io.homebudget.local.supervision.Member;
import io.homebudget.local.supervision.Probe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A real PostgreSQL, durable: fsync and synchronous_commit are on, stated on the command line and read back before ready. */
public final class PostgresMember implements Member {
    private final Home home;
    private final Ports ports;
    private final Credentials credentials;
    private final PostgresSetup setup;
    private Path programs;
    private List<String> prefix = List.of();
    private boolean setUp;

    public PostgresMember(Home home, Ports ports, Credentials credentials) {
        this.home = home;
        this.ports = ports;
        this.credentials = credentials;
        this.setup = new PostgresSetup(ports.of("postgres"), credentials);
    }

    @Override
    public String name() {
        return "postgres";
    }

    @Override
    public void prepare() throws IOException, InterruptedException {
        setUp = false;
        programs = PostgresBinaries.unpacked(home);
        prefix = Unprivileged.prefix();
        if (!Files.exists(home.postgresData().resolve("PG_VERSION"))) {
            initialise();
        }
        waitForLastGeneration();
    }

    @Override
    public List<String> command() {
        List<String> command = new ArrayList<>(prefix);
        command.add(programs.resolve("bin/postgres").toString());
        command.addAll(List.of("-D", home.postgresData().toString(), "-p", Integer.toString(ports.of("postgres"))));
        Map<String, String> settings = Map.of(
                "listen_addresses", "localhost",
                // a path of a deep home can be too long for a socket
                "unix_socket_directories", "",
                "fsync", "on",
                "synchronous_commit", "on",
                "full_page_writes", "on",
                // four services with pools of up to 20 each, drills and people beside them
                "max_connections", "200",
                // a backfill writes the whole ledger at once; the default of 1 GB checkpoints in the middle of it
                "max_wal_size", "2GB",
                "shared_buffers", "256MB",
                "timezone", "UTC");
        settings.forEach((key, value) -> command.addAll(List.of("-c", key + "=" + value)));
        return command;
    }

    @Override
    public Map<String, String> environment() {
        return Map.of("LC_ALL", "C", "PGPASSWORD", "");
    }

    /** Ready when durable, and when role and database are there. */
    @Override
    public Probe probe() {
        try {
            setup.assertDurable();
            if (!setUp) {
                setup.ensureOwnerAndDatabase();
                setUp = true;
            }
            return new Probe.Ready();
        } catch (SQLException e) {
            return new Probe.NotYet(e.getMessage());
        }
    }

    @Override
    public String stopSignal() {
        return "INT";
    }

    @Override
    public Duration stopLimit() {
        return Duration.ofSeconds(60);
    }

    private void initialise() throws IOException, InterruptedException {
        Path beside = home.data().resolve("postgres.initialising");
        PostgresBinaries.deleteTree(beside);
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                programs.resolve("bin/initdb").toString(),
                "-D",
                beside.toString(),
                "-U",
                PostgresSetup.SUPERUSER,
                "--pwfile=" + credentials.superuserPasswordFile(),
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--data-checksums"));
        Path log = home.log(name());
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("LC_ALL", "C");
        int status = builder.start().waitFor();
        if (status != 0) {
            throw new IOException("initdb ended with status " + status + ", see " + log);
        }
        Files.move(beside, home.postgresData(), StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * After kill -9 of the postmaster its children end by themselves; a new one must not start before they have. Then its
     * pid file is stale, and its number may meanwhile be someone else's, which PostgreSQL alone cannot tell.
     */
    private void waitForLastGeneration() throws IOException, InterruptedException {
        long limit = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        List<ProcessHandle> left;
        while (!(left = workingIn(home.postgresData())).isEmpty()) {
            if (System.nanoTime() > limit) {
                left.forEach(ProcessHandle::destroyForcibly);
            }
            Thread.sleep(50);
        }
        Files.deleteIfExists(home.postgresData().resolve("postmaster.pid"));
    }

    /** Every PostgreSQL process works in its data folder. Only Linux tells; elsewhere PostgreSQL's own check must do. */
    private static List<ProcessHandle> workingIn(Path folder) {
        return ProcessHandle.allProcesses()
                .filter(process -> workingFolder(process).filter(folder::equals).isPresent())
                .toList();
    }

    private static Optional<Path> workingFolder(ProcessHandle process) {
        try {
            return Optional.of(Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd")));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
