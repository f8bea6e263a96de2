package io.homebudget.local.supervision;

import io.homebudget.local.home.Home;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Processes of an earlier {@code up} on the same home that outlived it (kill -9). They are known by the home in their command
 * line, never by a pid alone: a pid file may be stale and its number given to someone else's process.
 */
public final class Orphans {
    private final Home home;

    public Orphans(Home home) {
        this.home = home;
    }

    /** The argument that every Java member carries. */
    public static String marker(Home home) {
        return "-Dhomebudget.home=" + home.folder();
    }

    public List<ProcessHandle> find() {
        List<ProcessHandle> found = new ArrayList<>();
        ProcessHandle.allProcesses()
                .filter(process -> process.pid() != ProcessHandle.current().pid())
                .filter(this::ours)
                .forEach(found::add);
        return found;
    }

    /** Asks all of them to stop, kills what does not within the limit, and removes the pid files. */
    public int stop() throws InterruptedException {
        List<ProcessHandle> found = find();
        for (ProcessHandle process : found) {
            Signals.send(process.pid(), signal(process));
        }
        for (ProcessHandle process : found) {
            Signals.stop(process, signal(process), Duration.ofSeconds(15));
        }
        removePidFiles();
        return found.size();
    }

    private void removePidFiles() {
        try (Stream<Path> files = Files.list(home.run())) {
            for (Path file : files.filter(f -> f.toString().endsWith(".pid")).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // a stale pid file misleads nobody who checks; it is overwritten at the next start
        }
    }

    private boolean ours(ProcessHandle process) {
        return arguments(process)
                .filter(arguments -> arguments.contains(marker(home)) || isPostmaster(arguments))
                .isPresent();
    }

    private boolean isPostmaster(List<String> arguments) {
        return !arguments.isEmpty()
                && arguments.get(0).endsWith("postgres")
                && arguments.contains(home.postgresData().toString());
    }

    private String signal(ProcessHandle process) {
        return arguments(process).filter(this::isPostmaster).isPresent() ? "INT" : "TERM";
    }

    private static Optional<List<String>> arguments(ProcessHandle process) {
        Path proc = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        try {
            // /proc gives the arguments apart and whole; ProcessHandle cuts long ones on Linux
            return Optional.of(List.of(new String(Files.readAllBytes(proc), StandardCharsets.UTF_8).split("\0")));
        } catch (IOException e) {
            return process.info().arguments().map(rest -> {
                List<String> all = new ArrayList<>();
                all.add(process.info().command().orElse(""));
                all.addAll(List.of(rest));
                return all;
            });
        }
    }
}
