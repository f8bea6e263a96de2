package io.homebudget.migration.discrepancies;

import io.homebudget.migration.config.MigrationConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jboss.logging.Logger;

/**
 * Publishes what became of discrepancies, at least once and in the order in which it happened. What is to be told stands in
 * PostgreSQL until Kafka has it, so neither a crash nor an absence loses it; a repetition has the same {@code ce_id}.
 *
 * <p>Works on a thread of its own, the only one here that blocks on Kafka.
 */
@ApplicationScoped
class Announcer {
    private static final Logger LOG = Logger.getLogger(Announcer.class);

    /** Few and small; a look at an empty table twice a second costs nothing. */
    private static final long LOOK_MILLIS = 500;

    private static final long LAST_BACKOFF_MILLIS = 5_000;
    private static final int BATCH = 200;
    private static final String CLIENT = "migration-service-discrepancies";
    private static final long LIMIT_SECONDS = 10;

    /** As the topics of changes: longer than the oldest kept snapshot (30 days). */
    private static final Duration RETENTION = Duration.ofDays(35);

    /** A discrepancy's events stay in order by its key; there are never many. */
    private static final int PARTITIONS = 1;

    private final DiscrepancyBook book;
    private final String servers;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "announce-discrepancies");
    private final MeterRegistry registry;
    private KafkaProducer<String, byte[]> producer;

    /** What the producer measures of itself; gone with it. */
    private KafkaClientMetrics meters;

    Announcer(DiscrepancyBook book, MigrationConfig config, MeterRegistry registry) {
        this.registry = registry;
        this.book = book;
        this.servers = config.reconcile().bootstrapServers().orElse("");
        this.thread.setDaemon(true);
    }

    void start(@Observes StartupEvent started) {
        if (!servers.isBlank()) {
            thread.start();
        }
    }

    void stop(@Observes ShutdownEvent stopping) throws InterruptedException {
        closing.countDown();
        thread.join(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
    }

    private void run() {
        long pause = LOOK_MILLIS;
        boolean told = false;
        try {
            while (!closing.await(pause, TimeUnit.MILLISECONDS)) {
                try {
                    boolean more = turn();
                    pause = more ? 1 : LOOK_MILLIS;
                    told = false;
                } catch (InterruptedException e) {
                    throw e;
                } catch (Throwable e) {
                    // an error too: nobody would notice that this thread has ended
                    if (!told) {
                        LOG.infof("telling of discrepancies waits: reason=%s", reason(e));
                        told = true;
                    }
                    releaseQuietly();
                    pause = Math.min(LAST_BACKOFF_MILLIS, Math.max(LOOK_MILLIS, pause) * 2);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("telling of discrepancies was interrupted");
        }
        releaseQuietly();
    }

    /** A producer that cannot be closed is left to itself. */
    private void releaseQuietly() {
        try {
            release();
        } catch (RuntimeException e) {
            LOG.debug("the producer was not closed", e);
        }
    }

    /** @return whether there is probably more */
    private boolean turn() throws InterruptedException, ExecutionException, TimeoutException {
        List<EventRow> events = ask(book.unpublished(BATCH));
        if (events.isEmpty()) {
            return false;
        }
        connect();
        List<Future<RecordMetadata>> underway = new ArrayList<>(events.size());
        for (EventRow event : events) {
            underway.add(producer.send(DiscrepancyEvent.record(event)));
        }
        for (Future<RecordMetadata> one : underway) {
            one.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        }
        ask(book.published(events));
        return events.size() == BATCH;
    }

    private void connect() throws InterruptedException, ExecutionException, TimeoutException {
        if (producer != null) {
            return;
        }
        ensureTopic();
        Properties settings = new Properties();
        settings.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        // in order, and each once while this producer lives
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 3_000);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 8_000);
        // a label of its metrics: one that counted up with every new contact would never end
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, CLIENT);
        producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
        meters = new KafkaClientMetrics(producer);
        meters.bindTo(registry);
    }

    private void ensureTopic() throws InterruptedException, ExecutionException, TimeoutException {
        NewTopic topic = new NewTopic(DiscrepancyEvent.TOPIC, PARTITIONS, (short) -1)
                .configs(Map.of(TopicConfig.RETENTION_MS_CONFIG, Long.toString(RETENTION.toMillis())));
        try (Admin admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                servers,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                3_000,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                5_000))) {
            admin.createTopics(List.of(topic)).all().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    private void release() {
        KafkaProducer<String, byte[]> gone = producer;
        producer = null;
        if (gone != null) {
            try {
                if (meters != null) {
                    meters.close();
                }
            } finally {
                meters = null;
                gone.close(Duration.ZERO);
            }
        }
    }

    private static <T> T ask(Uni<T> question) throws InterruptedException, ExecutionException, TimeoutException {
        return question.subscribeAsCompletionStage().get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    private static String reason(Throwable failure) {
        Throwable cause =
                failure instanceof ExecutionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
