package io.homebudget.e2e.stack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * The real system in a home of its own, run as a person runs it: {@code up} and {@code ctl} as processes, everything else as
 * their children. Whatever happens in a test, {@link #close} leaves no process behind; so does the end of this JVM.
 */
public final class Stack implements AutoCloseable {
    public static final List<String> MEMBERS =
            List.of("postgres", "kafka", "expense", "income", "migration", "backup", "front-door");
    public static final List<String> KINDS = List.of("expense", "income");
    public static final Duration START_LIMIT = Duration.ofSeconds(300);

    private static final Pattern POSTGRES_URL = Pattern.compile("postgresql://([^:]+):([^@]+)@([^/]+)/(\\S+)");
    private static final int FIRST_PORT = 22_000;
    private static final int PORT_BLOCKS = 120;
    /** A little longer than the minute in which {@code up} counts deaths. */
    private static final Duration DEATHS_WINDOW = Duration.ofSeconds(62);

    private final Path root = Path.of(System.getProperty("homebudget.root", "../.."));
    private final Path home;
    private final int port = freePorts();
    private final List<Process> processes = new ArrayList<>();
    private final Thread atExit = new Thread(this::end, "end-stack");
    private final Map<String, List<Long>> deaths = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> launched = new ArrayList<>();
    private int outputs;

    /** @param home an empty folder, or one that an earlier stack has left */
    public Stack(Path home) throws IOException {
        this.home = Files.createDirectories(home).toRealPath();
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** What is started from now on gets this setting too. */
    public Stack with(String setting, String value) {
        environment.put(setting, value);
        return this;
    }

    /** A service is started from another build than the packaged one. */
    public Stack launching(String service, Path jar) {
        launched.add("-Dhomebudget.command." + service + "=-jar;" + jar.toAbsolutePath());
        return this;
    }

    /** What a command gave. */
    public record Ran(int status, String output, Duration took) {}

    /** An {@code up} under way; its output grows in a file. */
    public record Up(Process process, Path output) {
        public String text() {
            try {
                return Files.readString(output);
            } catch (IOException e) {
                return "";
            }
        }

        public Up awaitText(String text) {
            Awaitility.await("up says " + text)
                    .atMost(START_LIMIT)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> text().contains(text) || !process.isAlive());
            if (!text().contains(text)) {
                throw new AssertionError(
                        "up ended with " + process.exitValue() + " without '" + text + "':\n" + text());
            }
            return this;
        }

        public int awaitEnd() throws InterruptedException {
            if (!process.waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("up did not end:\n" + text());
            }
            return process.exitValue();
        }
    }

    public Up up(String... arguments) throws IOException {
        Path output = home.resolve("up-" + ++outputs + ".out");
        List<String> all = new ArrayList<>(List.of("--home", home.toString(), "--port", "" + port));
        all.addAll(List.of(arguments));
        return new Up(start("io.homebudget.local.cli.Up", all, output), output);
    }

    public Up ready(String... arguments) throws IOException {
        return up(arguments).awaitText("ready http://localhost:" + port + "\n");
    }

    public Ran ctl(String... arguments) throws IOException, InterruptedException {
        Path output = home.resolve("ctl-" + ++outputs + ".out");
        List<String> all = new ArrayList<>(List.of("--home", home.toString()));
        all.addAll(List.of(arguments));
        long began = System.nanoTime();
        Process process = start("io.homebudget.local.cli.Ctl", all, output);
        if (!process.waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("ctl " + List.of(arguments) + " did not end: " + Files.readString(output));
        }
        processes.remove(process);
        return new Ran(process.exitValue(), Files.readString(output), Duration.ofNanos(System.nanoTime() - began));
    }

    /** {@code ctl} that must succeed. */
    public Ran did(String... arguments) throws IOException, InterruptedException {
        Ran ran = ctl(arguments);
        if (ran.status() != 0) {
            throw new AssertionError("ctl " + List.of(arguments) + " gave " + ran.status() + ": " + ran.output());
        }
        return ran;
    }

    private Process start(String main, List<String> arguments, Path output) throws IOException {
        Path jar = root.resolve("deploy/local/target/deploy-local.jar").toRealPath();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-Dhomebudget.root=" + root.toRealPath(),
                "-Dhomebudget.terminal=false"));
        command.addAll(launched);
        command.addAll(List.of("-cp", jar.toString(), main));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    public Path home() {
        return home;
    }

    public int portOf(String member) {
        return port
                + switch (member) {
                    case "front-door" -> 0;
                    case "expense" -> 1;
                    case "income" -> 2;
                    case "migration" -> 3;
                    case "backup" -> 4;
                    case "postgres" -> 5;
                    case "kafka" -> 6;
                    default -> throw new IllegalArgumentException(member);
                };
    }

    public String url(String member) {
        return "http://localhost:" + portOf(member);
    }

    /** The file that the old backend would read. */
    public Path array(String kind) {
        return home.resolve("data").resolve(kind).resolve(kind + "s.json");
    }

    public String token(String role) throws IOException {
        return Files.readString(home.resolve("credentials/" + role + ".token")).strip();
    }

    public Connection postgres() throws SQLException, IOException {
        Matcher url = POSTGRES_URL.matcher(
                Files.readString(home.resolve("credentials/postgres.url")).strip());
        if (!url.matches()) {
            throw new IllegalStateException("postgres.url has another form");
        }
        return DriverManager.getConnection(
                "jdbc:postgresql://" + url.group(3) + "/" + url.group(4) + "?connectTimeout=5&socketTimeout=60",
                url.group(1),
                url.group(2));
    }

    public long pid(String member) throws IOException {
        return Long.parseLong(
                Files.readString(home.resolve("run/" + member + ".pid")).strip());
    }

    /** kill -9. Waits where this would be the third death within a minute, after which {@code up} rightly gives up. */
    public void kill(String member) throws IOException {
        List<Long> before = deaths.computeIfAbsent(member, none -> new ArrayList<>());
        if (before.size() >= 2) {
            long again = before.get(before.size() - 2) + DEATHS_WINDOW.toNanos();
            Awaitility.await("two deaths of " + member + " are long enough ago")
                    .atMost(DEATHS_WINDOW.plusSeconds(30))
                    .until(() -> System.nanoTime() > again);
        }
        before.add(System.nanoTime());
        ProcessHandle.of(pid(member)).ifPresent(ProcessHandle::destroyForcibly);
    }

    /** kill -9 of {@code up} and of everything it started, at once. */
    public void killAll() {
        List<ProcessHandle> all = running();
        all.forEach(ProcessHandle::destroyForcibly);
        Awaitility.await("everything is dead").atMost(Duration.ofSeconds(20)).until(() -> running()
                .isEmpty());
    }

    /** kill -9, then waits for the successor that {@code up} starts. */
    public void killAndAwaitSuccessor(String member) throws IOException {
        long killed = pid(member);
        kill(member);
        Awaitility.await(member + " has a successor")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions()
                .until(() ->
                        pid(member) != killed && ProcessHandle.of(pid(member)).isPresent());
    }

    /** SIGSTOP, its children too: the processes are there and do nothing. */
    public void freeze(String member) throws IOException, InterruptedException {
        for (ProcessHandle one : family(member)) {
            signal("-STOP", one.pid());
        }
    }

    public void thaw(String member) throws IOException, InterruptedException {
        for (ProcessHandle one : family(member)) {
            signal("-CONT", one.pid());
        }
    }

    private List<ProcessHandle> family(String member) throws IOException {
        ProcessHandle head = ProcessHandle.of(pid(member)).orElseThrow();
        return Stream.concat(Stream.of(head), head.descendants()).toList();
    }

    private static void signal(String signal, long pid) throws IOException, InterruptedException {
        new ProcessBuilder("kill", signal, Long.toString(pid))
                .inheritIO()
                .start()
                .waitFor();
    }

    /** Every process that carries this home in its command line. */
    public List<ProcessHandle> running() {
        return ProcessHandle.allProcesses().filter(this::ours).toList();
    }

    private boolean ours(ProcessHandle process) {
        if (process.pid() == ProcessHandle.current().pid()) {
            return false;
        }
        try {
            Path line = Path.of("/proc", Long.toString(process.pid()), "cmdline");
            return new String(Files.readAllBytes(line), StandardCharsets.UTF_8).contains(home.toString());
        } catch (IOException e) {
            return process.info().commandLine().orElse("").contains(home.toString());
        }
    }

    @Override
    public void close() {
        end();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    private void end() {
        // the children too, which do not carry the home: what stays frozen outlives its parent
        List<ProcessHandle> all = running().stream()
                .flatMap(head -> Stream.concat(Stream.of(head), head.descendants()))
                .toList();
        for (ProcessHandle frozen : all) {
            try {
                signal("-CONT", frozen.pid());
            } catch (IOException | InterruptedException e) {
                // it is killed below
            }
        }
        processes.forEach(Process::destroy);
        for (Process process : processes) {
            try {
                if (!process.waitFor(40, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
            }
        }
        running().forEach(ProcessHandle::destroyForcibly);
        keepLogs();
    }

    /** Temporary folders are gone when a person reads of the failure; logs are not. */
    private void keepLogs() {
        Path kept = Path.of(System.getProperty("e2e.report", "target/e2e"), home.getFileName() + "-logs");
        try (Stream<Path> logs = Stream.concat(Files.list(home), Files.list(home.resolve("logs")))) {
            Files.createDirectories(kept);
            for (Path log : logs.filter(Files::isRegularFile).toList()) {
                Files.copy(log, kept.resolve(log.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            System.out.println("logs could not be kept: " + e);
        }
    }

    private static int freePorts() {
        for (int attempt = 0; attempt < 10 * PORT_BLOCKS; attempt++) {
            int first = FIRST_PORT + 8 * ThreadLocalRandom.current().nextInt(PORT_BLOCKS);
            boolean free = true;
            for (int one = first; free && one < first + 8; one++) {
                try (ServerSocket socket = new ServerSocket()) {
                    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), one));
                } catch (IOException e) {
                    free = false;
                }
            }
            if (free) {
                return first;
            }
        }
        throw new AssertionError("no eight free ports in a row");
    }
}
