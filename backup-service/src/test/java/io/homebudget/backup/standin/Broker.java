package io.homebudget.backup.standin;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.awaitility.Awaitility;

/** A real Kafka broker as a process of its own. */
public final class Broker {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final int port = freePort();
    private Path folder;
    private Process process;

    public String servers() {
        return "localhost:" + port;
    }

    public void start() {
        try {
            if (folder == null) {
                folder = formatted();
            }
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
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers(), "request.timeout.ms", 1_000))) {
            Awaitility.await().atMost(START_LIMIT).ignoreExceptions().until(() -> !admin.describeCluster()
                    .nodes()
                    .get(2, TimeUnit.SECONDS)
                    .isEmpty());
        }
    }

    public void stop() {
        if (process != null) {
            process.destroyForcibly();
            try {
                process.waitFor(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Path formatted() throws IOException {
        Path fresh = Files.createTempDirectory("kafka");
        Path settings = fresh.resolve("broker.properties");
        int controller = freePort();
        Files.writeString(settings, """
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
                log.cleaner.dedupe.buffer.size=16777216
                """.formatted(fresh.resolve("data"), port, controller, port, controller));
        StorageTool.execute(
                new String[] {"format", "--cluster-id", Uuid.randomUuid().toString(), "--config", settings.toString()},
                new PrintStream(OutputStream.nullOutputStream()));
        return fresh;
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
