package io.homebudget.bench.stack;

import io.homebudget.bench.baseline.PostgresUrl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The whole system as {@code deploy/local/up} starts it, with imported entries; stopped by {@link #close}. */
public final class LocalStack implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(10);
    private static final long STOP_LIMIT_SECONDS = 60;
    private static final long MEMBER_LIMIT_SECONDS = 180;

    private final Process up;
    private final Path repository;
    private final Path home;
    private final int port;
    private final double startSeconds;

    private LocalStack(Process up, Path repository, Path home, int port, double startSeconds) {
        this.up = up;
        this.repository = repository;
        this.home = home;
        this.port = port;
        this.startSeconds = startSeconds;
    }

    /**
     * Starts a stack and returns when it said {@code ready}.
     *
     * @param repository the root of the checkout, already built
     * @param home an empty or absent folder
     * @param port the front door's; the services take the ports above it
     */
    public static LocalStack start(Path repository, Path home, int port, Path importFolder) throws IOException {
        Path log = home.resolveSibling(home.getFileName() + ".up.log");
        List<String> command = List.of(
                repository.resolve("deploy/local/up").toString(),
                "--home",
                home.toString(),
                "--port",
                String.valueOf(port),
                "--import",
                importFolder.toString());
        Process up = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            double seconds = Patience.until("the stack is ready (its log: " + log + ")", START_LIMIT, () -> {
                if (!up.isAlive()) {
                    throw new IllegalStateException(
                            "deploy/local/up ended with " + up.exitValue() + " before it was ready; its log: " + log);
                }
                return saidReady(log);
            });
            return new LocalStack(up, repository, home, port, seconds);
        } catch (RuntimeException e) {
            stop(up);
            throw e;
        }
    }

    public double startSeconds() {
        return startSeconds;
    }

    /** The port of the expense service itself, not of the front door. */
    public int expensePort() {
        return port + 1;
    }

    public Path expenseArray() {
        return home.resolve("data").resolve("expense").resolve("expenses.json");
    }

    public String kafka() {
        return "127.0.0.1:" + (port + 6);
    }

    public PostgresUrl postgres() {
        return PostgresUrl.parse(credential("postgres.url"));
    }

    public ExpenseLedger expense() {
        return new ExpenseLedger(new Http("http://127.0.0.1:" + expensePort(), credential("service.token")));
    }

    public Http migration() {
        return new Http("http://127.0.0.1:" + (port + 3), credential("operator.token"));
    }

    public BackupService backup() {
        return new BackupService(new Http("http://127.0.0.1:" + (port + 4), credential("operator.token")));
    }

    /** Where a snapshot lies, or is put to be found by this stack's backup-service. */
    public Path snapshot(String id) {
        return home.resolve("backups").resolve(id);
    }

    public ProcessMemory expenseMemory() {
        return memory("expense");
    }

    public ProcessMemory migrationMemory() {
        return memory("migration");
    }

    public ProcessMemory backupMemory() {
        return memory("backup");
    }

    /** Stops or starts one member, named as {@code ctl} names it, and returns when that is done. */
    public void member(String verb, String name) throws IOException, InterruptedException {
        Path log = home.resolveSibling(home.getFileName() + ".ctl.log");
        Process ctl = new ProcessBuilder(
                        repository.resolve("deploy/local/ctl").toString(), "--home", home.toString(), verb, name)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!ctl.waitFor(MEMBER_LIMIT_SECONDS, TimeUnit.SECONDS) || ctl.exitValue() != 0) {
            ctl.destroyForcibly();
            throw new IllegalStateException("ctl " + verb + " " + name + " did not succeed; its log: " + log);
        }
    }

    @Override
    public void close() {
        stop(up);
    }

    private ProcessMemory memory(String service) {
        return new ProcessMemory(Long.parseLong(read(home.resolve("run").resolve(service + ".pid"))));
    }

    private String credential(String name) {
        return read(home.resolve("credentials").resolve(name));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("the stack did not leave " + file, e);
        }
    }

    private static boolean saidReady(Path log) {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.anyMatch(line -> line.startsWith("ready http"));
        } catch (IOException e) {
            return false;
        }
    }

    private static void stop(Process up) {
        up.destroy();
        try {
            if (!up.waitFor(STOP_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                up.descendants().forEach(ProcessHandle::destroyForcibly);
                up.destroyForcibly();
            }
        } catch (InterruptedException e) {
            up.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
