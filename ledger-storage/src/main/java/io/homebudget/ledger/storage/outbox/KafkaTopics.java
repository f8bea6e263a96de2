package io.homebudget.ledger.storage.outbox;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;

/** Makes the topics with the settings that the order and the recovery rely on. Blocking: called on the publisher's thread. */
final class KafkaTopics {
    /** Before and after image of an entry with the longest notes that a request body can carry. */
    static final int MAX_EVENT_BYTES = 8 * 1024 * 1024;

    private static final long LIMIT_SECONDS = 10;

    private KafkaTopics() {}

    static void ensure(PublisherConfig config, List<String> names)
            throws InterruptedException, ExecutionException, TimeoutException {
        Map<String, String> settings = Map.of(
                TopicConfig.RETENTION_MS_CONFIG,
                        Long.toString(config.retention().toMillis()),
                TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(MAX_EVENT_BYTES));
        try (Admin admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, config.bootstrapServers(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 3_000,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000))) {
            var missing = new HashSet<>(names);
            missing.removeAll(admin.listTopics().names().get(LIMIT_SECONDS, TimeUnit.SECONDS));
            List<NewTopic> topics = missing.stream()
                    .map(name -> new NewTopic(name, config.partitions(), config.replicationFactor()).configs(settings))
                    .toList();
            for (var made : admin.createTopics(topics).values().values()) {
                try {
                    made.get(LIMIT_SECONDS, TimeUnit.SECONDS);
                } catch (ExecutionException e) {
                    if (!(e.getCause() instanceof TopicExistsException)) {
                        throw e;
                    }
                }
            }
        }
    }
}
