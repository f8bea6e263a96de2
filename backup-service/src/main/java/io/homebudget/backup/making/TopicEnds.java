package io.homebudget.backup.making;

import io.homebudget.backup.format.TopicEnd;
import io.homebudget.ledger.entry.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;

/** Asks Kafka where the topics of changes end. A snapshot is complete without: its data is in the stores. */
public final class TopicEnds {
    /** An answer takes milliseconds; a Kafka that is away must not hold a snapshot up for longer. */
    private static final int LIMIT_MILLIS = 5_000;

    private final String servers;

    /** @param servers null or blank where there is no Kafka */
    public TopicEnds(String servers) {
        this.servers = servers == null || servers.isBlank() ? null : servers;
    }

    /** @param notes is told why, where nothing is known; the answer is null then */
    public List<TopicEnd> ask(Consumer<String> notes) throws InterruptedException {
        if (servers == null) {
            notes.accept("Kafka is not configured: where the topics ended is not known.");
            return null;
        }
        Properties properties = new Properties();
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, LIMIT_MILLIS);
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, LIMIT_MILLIS);
        Admin admin = null;
        try {
            admin = Admin.create(properties);
            List<TopicEnd> ends = new ArrayList<>();
            for (Kind kind : Kind.values()) {
                ends.add(end(admin, kind.changesTopic()));
            }
            return ends;
        } catch (KafkaException | ExecutionException | TimeoutException e) {
            Throwable cause = Optional.ofNullable(e.getCause()).orElse(e);
            notes.accept("Kafka could not say where the topics end ("
                    + cause.getClass().getSimpleName() + "): a recovery from events starts at the topics' beginning.");
            return null;
        } finally {
            if (admin != null) {
                admin.close(Duration.ofMillis(LIMIT_MILLIS));
            }
        }
    }

    private static TopicEnd end(Admin admin, String topic)
            throws ExecutionException, InterruptedException, TimeoutException {
        TopicDescription description = admin.describeTopics(List.of(topic))
                .allTopicNames()
                .get(LIMIT_MILLIS, TimeUnit.MILLISECONDS)
                .get(topic);
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        for (TopicPartitionInfo partition : description.partitions()) {
            wanted.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest());
        }
        Map<Integer, Long> offsets = new HashMap<>();
        for (Map.Entry<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> found : admin.listOffsets(wanted)
                .all()
                .get(LIMIT_MILLIS, TimeUnit.MILLISECONDS)
                .entrySet()) {
            offsets.put(found.getKey().partition(), found.getValue().offset());
        }
        return new TopicEnd(topic, description.topicId().toString(), offsets);
    }
}
