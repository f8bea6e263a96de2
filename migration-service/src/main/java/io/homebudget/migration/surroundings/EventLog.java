package io.homebudget.migration.surroundings;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.gates.Known;
import io.homebudget.migration.gates.Surroundings;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** How long Kafka keeps a kind's events. */
@ApplicationScoped
class EventLog {
    /** Shorter than whoever asks waits, so that the answer names Kafka and not a timeout. */
    private static final int ANSWER_MILLIS = 1_500;

    private final MigrationConfig config;
    private Admin admin;

    EventLog(MigrationConfig config) {
        this.config = config;
    }

    Uni<Known<Duration>> retention(Kind kind) {
        return Uni.createFrom().deferred(() -> {
            if (config.reconcile()
                    .bootstrapServers()
                    .filter(text -> !text.isBlank())
                    .isEmpty()) {
                return Uni.createFrom().item(Known.notUsed("KAFKA_BOOTSTRAP_SERVERS is not set."));
            }
            ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, kind.changesTopic());
            return Uni.createFrom()
                    .item(() -> clientOnWorker().describeConfigs(List.of(topic)))
                    .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
                    .chain(asked -> Uni.createFrom()
                            .completionStage(asked.values().get(topic).toCompletionStage()))
                    .map(EventLog::retentionOf)
                    .onFailure(UnknownTopicOrPartitionException.class)
                    .recoverWithItem(Known.notUsed("Nothing was published yet."))
                    .onFailure()
                    .recoverWithItem(away -> Known.unknown("Kafka does not answer."));
        });
    }

    private static Known<Duration> retentionOf(Config settings) {
        long millis =
                Long.parseLong(settings.get(TopicConfig.RETENTION_MS_CONFIG).value());
        return Known.of(millis < 0 ? Surroundings.FOR_EVER : Duration.ofMillis(millis));
    }

    private synchronized Admin clientOnWorker() {
        if (admin == null) {
            admin = Admin.create(Map.of(
                    AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                    config.reconcile().bootstrapServers().orElseThrow(),
                    AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                    ANSWER_MILLIS,
                    AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                    ANSWER_MILLIS));
        }
        return admin;
    }

    synchronized void stop(@Observes ShutdownEvent stopping) {
        if (admin != null) {
            admin.close(Duration.ZERO);
        }
    }
}
