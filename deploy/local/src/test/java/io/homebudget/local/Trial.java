package io.homebudget.local;

import io.homebudget.local.home.Credentials;
import io.homebudget.local.home.Home;
import io.homebudget.local.home.Ports;
import io.homebudget.local.http.Answer;
import io.homebudget.local.http.JsonHttp;
import io.homebudget.local.supervision.Orphans;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** One home with its {@code up} and {@code ctl}, run as a person runs them, the services' places taken by {@link StandIn}. */
final class Trial implements AutoCloseable {
    static final Duration START_LIMIT = Duration.ofSeconds(90);
    final Path folder;
    final Ports ports = freePorts();
    private final List<Process> processes = new ArrayList<>();
    private int outputs;

    Trial(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder).toRealPath();
        Files.createDirectories(this.folder.resolve("stand-in"));
    }

    record Ran(int status, String output) {}

    /** An {@code up} under way; its output grows in a file. */
    record Up(Process process, Path output) {
        String text() {
            try {
                return Files.readString(output);
            } catch (IOException e) {
                return "";
            }
        }

        void awaitText(String text) {
            Awaitility.await(text)
                    .atMost(START_LIMIT)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> text().contains(text) || !process.isAlive());
            if (!text().contains(text)) {
                throw new AssertionError(
                        "up ended with " + process.exitValue() + " without saying '" + text + "':\n" + text());
            }
        }

        int awaitEnd() throws InterruptedException {
            if (!process.waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("up did not end:\n" + text());
            }
            return process.exitValue();
        }
    }

    Up up(String... arguments) throws IOException {
        Path output = folder.resolve("up-" + ++outputs + ".out");
        List<String> all = new ArrayList<>(List.of("--home", folder.toString(), "--port", "" + ports.frontDoor()));
        all.addAll(List.of(arguments));
        return new Up(start("io.homebudget.local.cli.Up", all, output), output);
    }

    Up ready(String... arguments) throws IOException {
        Up up = up(arguments);
        up.awaitText("ready http://localhost:" + ports.frontDoor() + "\n");
        return up;
    }

    Ran ctl(String... arguments) throws IOException, InterruptedException {
        Path output = folder.resolve("ctl-" + ++outputs + ".out");
        List<String> all = new ArrayList<>(List.of("--home", folder.toString()));
        all.addAll(List.of(arguments));
        Process process = start("io.homebudget.local.cli.Ctl", all, output);
        if (!process.waitFor(100, TimeUnit.SECONDS)) {
            throw new AssertionError("ctl did not end: " + Files.readString(output));
        }
        return new Ran(process.exitValue(), Files.readString(output));
    }

    private Process start(String main, List<String> arguments, Path output) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Dhomebudget.root=" + Path.of("../..").toRealPath());
        for (String service : List.of("expense", "income", "migration", "backup")) {
            command.add("-Dhomebudget.command." + service + "=-cp;"
                    + Path.of("target/test-classes").toRealPath() + ";io.homebudget.local.StandIn");
        }
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        processes.add(process);
        return process;
    }

    Home home() {
        return new Home(folder);
    }

    String jdbcUrl() {
        return "jdbc:postgresql://localhost:" + ports.of("postgres") + "/" + Credentials.DATABASE + "?user="
                + Credentials.OWNER + "&password=" + new Credentials(home()).ownerPassword() + "&connectTimeout=2";
    }

    long pid(String member) throws IOException {
        return Long.parseLong(Files.readString(home().pid(member)).strip());
    }

    /** kill -9, and not before another process has taken its place does this return. */
    void killAndAwaitSuccessor(String member) throws IOException {
        long killed = pid(member);
        ProcessHandle.of(killed).orElseThrow().destroyForcibly();
        Awaitility.await(member + " is back")
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> pid(member) != killed);
    }

    Answer get(String member, String path) throws IOException, InterruptedException {
        return new JsonHttp(ports.url(member), null, Duration.ofSeconds(10)).get(path);
    }

    void standIn(String file) throws IOException {
        Files.writeString(folder.resolve("stand-in").resolve(file), "");
    }

    List<ProcessHandle> running() {
        return new Orphans(home()).find();
    }

    @Override
    public void close() throws InterruptedException {
        for (Process process : processes) {
            process.destroy();
        }
        for (Process process : processes) {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
        new Orphans(home()).stop();
    }

    static Ports freePorts() {
        for (int attempt = 0; attempt < 200; attempt++) {
            Ports ports = new Ports(18_200 + 8 * ThreadLocalRandom.current().nextInt(97));
            boolean free = true;
            for (int port = ports.frontDoor(); port < ports.frontDoor() + 8; port++) {
                try (ServerSocket socket = new ServerSocket()) {
                    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                } catch (IOException e) {
                    free = false;
                }
            }
            if (free) {
                return ports;
            }
        }
        throw new AssertionError("no eight free ports in a row");
    }
}
