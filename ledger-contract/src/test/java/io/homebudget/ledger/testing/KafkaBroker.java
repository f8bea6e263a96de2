package io.homebudget.ledger.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;

/** A real Kafka broker as a process of its own, which a test can start late, kill, and start again on its data. */
public final class KafkaBroker {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static KafkaBroker running;

    private final Path folder;
    private final int port = freePort();
    private Process process;

    /** Its address is known from now on; it runs after {@link #start}. */
    public KafkaBroker() {
        try {
            folder = Files.createTempDirectory("kafka");
            Path settings = folder.resolve("broker.properties");
            Files.writeString(settings, settings(folder.resolve("data"), port, freePort()));
            StorageTool.execute(
                    new String[] {
                        "format", "--cluster-id", Uuid.randomUuid().toString(), "--config", settings.toString()
                    },
                    new PrintStream(OutputStream.nullOutputStream()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(this::kill));
    }

    /** The one that the tests of this JVM share, started when first asked for or after a kill. */
    public static synchronized KafkaBroker running() {
        if (running == null) {
            running = new KafkaBroker();
        }
        running.start();
        return running;
    }

    public String servers() {
        return "localhost:" + port;
    }

    /** Completes when the broker answers. */
    public synchronized void start() {
        if (process != null && process.isAlive()) {
            return;
        }
        try {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                            Kafka.class.getName(),
                            folder.resolve("broker.properties").toString())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("broker.log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitAnswer();
    }

    /** As {@code kill -9}. */
    public synchronized void kill() {
        if (process != null) {
            process.destroyForcibly();
            try {
                process.waitFor(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void awaitAnswer() {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers(), "request.timeout.ms", 1_000))) {
            while (System.nanoTime() < deadline) {
                try {
                    admin.describeCluster().nodes().get(2, TimeUnit.SECONDS);
                    return;
                } catch (ExecutionException | TimeoutException e) {
                    if (!process.isAlive()) {
                        throw new IllegalStateException("the broker ended, see " + folder.resolve("broker.log"));
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new IllegalStateException("the broker does not answer, see " + folder.resolve("broker.log"));
    }

    /** A broker that was killed may only come back when its session is over: after 3 s here, with the default after 9 s. */
    private static String settings(Path data, int port, int controllerPort) {
        return """
                process.roles=broker,controller
                node.id=1
                log.dirs=%s
                listeners=BROKER://localhost:%d,CONTROLLER://localhost:%d
                advertised.listeners=BROKER://localhost:%d
                listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
                inter.broker.listener.name=BROKER
                controller.listener.names=CONTROLLER
                controller.quorum.voters=1@localhost:%d
                auto.create.topics.enable=false
                default.replication.factor=1
                offsets.topic.replication.factor=1
                offsets.topic.num.partitions=2
                transaction.state.log.replication.factor=1
                transaction.state.log.min.isr=1
                transaction.state.log.num.partitions=2
                group.initial.rebalance.delay.ms=0
                broker.heartbeat.interval.ms=500
                broker.session.timeout.ms=3000
                log.cleaner.dedupe.buffer.size=16777216
                message.max.bytes=8388608
                """.formatted(data, port, controllerPort, port, controllerPort);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
