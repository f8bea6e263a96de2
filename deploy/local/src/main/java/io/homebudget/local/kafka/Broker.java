package io.homebudget.local.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/** A real Kafka broker of one node in this JVM: broker and controller in one, its log folder formatted when it is new. */
public final class Broker {
    private static final Logger[] QUIET = {
        Logger.getLogger("org.apache.kafka"), Logger.getLogger("kafka"), Logger.getLogger("state.change.logger")
    };

    private Broker() {}

    /** @param args log folder, broker port, controller port */
    public static void main(String[] args) throws IOException {
        for (Logger logger : QUIET) {
            logger.setLevel(Level.WARNING);
        }
        Path folder = Path.of(args[0]);
        Map<String, String> settings = settings(folder, Integer.parseInt(args[1]), Integer.parseInt(args[2]));
        format(folder, settings);
        Properties properties = new Properties();
        properties.putAll(settings);
        KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "kafka-shutdown"));
        server.startup();
        System.out.println("Kafka serves on localhost:" + args[1]);
        server.awaitShutdown();
    }

    private static Map<String, String> settings(Path folder, int port, int controllerPort) {
        Map<String, String> settings = new TreeMap<>();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", "1");
        settings.put("log.dirs", folder.toString());
        settings.put("listeners", "BROKER://localhost:" + port + ",CONTROLLER://localhost:" + controllerPort);
        settings.put("advertised.listeners", "BROKER://localhost:" + port);
        settings.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
        settings.put("inter.broker.listener.name", "BROKER");
        settings.put("controller.listener.names", "CONTROLLER");
        settings.put("controller.quorum.voters", "1@localhost:" + controllerPort);
        // topics are made by the services, with the partitions they rely on; a made-up one would have others
        settings.put("auto.create.topics.enable", "false");
        // one node: everything exists once
        settings.put("default.replication.factor", "1");
        settings.put("min.insync.replicas", "1");
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        // a handful of groups and transactional ids; 50 partitions each cost a start seconds
        settings.put("offsets.topic.num.partitions", "4");
        settings.put("transaction.state.log.num.partitions", "4");
        settings.put("share.coordinator.state.topic.num.partitions", "1");
        // waiting for more members of a group only delays the first reading
        settings.put("group.initial.rebalance.delay.ms", "0");
        // a consumer that was killed is replaced within seconds, and its successor must not wait for the old session
        settings.put("group.min.session.timeout.ms", "1000");
        // a change carries both images of an entry, each with notes of up to 1 MiB
        settings.put("message.max.bytes", Integer.toString(8 << 20));
        settings.put("replica.fetch.max.bytes", Integer.toString(8 << 20));
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        // the default map of 128 MB alone would be half of this heap
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(16 << 20));
        return settings;
    }

    private static void format(Path folder, Map<String, String> settings) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolveSibling(folder.getFileName() + ".properties");
        StringBuilder text = new StringBuilder();
        settings.forEach((key, value) ->
                text.append(key).append('=').append(value.replace("\\", "\\\\")).append('\n'));
        Files.writeString(file, text);
        int status = StorageTool.execute(
                new String[] {
                    "format", "--ignore-formatted", "--cluster-id", clusterId(folder), "--config", file.toString()
                },
                System.out);
        if (status != 0) {
            throw new IOException("formatting " + folder + " ended with status " + status);
        }
    }

    private static String clusterId(Path folder) throws IOException {
        Path file = folder.resolveSibling(folder.getFileName() + ".cluster-id");
        if (!Files.exists(file)) {
            Files.writeString(file, Uuid.randomUuid() + "\n");
        }
        return Files.readString(file).strip();
    }
}
