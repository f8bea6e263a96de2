package io.homebudget.migration.reconcile;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.migration.config.MigrationConfig;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jboss.logging.Logger;

/**
 * Reads a kind's changes and hands them over batch by batch, at least once: events are committed only after the outcome of their
 * batch is durable. Whatever fails, the reader lets go, waits with growing pauses and begins again behind the last commit; so a
 * restart, a rebalance and an absence of Kafka, PostgreSQL or a ledger service are the same to it.
 *
 * <p>Works on a thread of its own, the only one that blocks on Kafka. Memory is bounded by one fetch and one batch.
 */
final class ChangeReader implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ChangeReader.class);
    static final String GROUP = "migration-service-reconciliation";

    /** A quiet topic costs two calls a second. */
    private static final Duration POLL = Duration.ofMillis(500);

    private static final Duration KAFKA_LIMIT = Duration.ofSeconds(5);
    private static final long FIRST_BACKOFF_MILLIS = 200;
    private static final long LAST_BACKOFF_MILLIS = 5_000;

    /** The largest event is 8 MB; as much is fetched at most. */
    private static final int FETCH_BYTES = 8 << 20;

    /** About what an event takes in the topic: a created entry with a short note. */
    private static final int BYTES_PER_EVENT = 700;

    /** A batch waits for the follower, whose patience is shorter; then for a few transactions. */
    private static final Duration SLACK = Duration.ofSeconds(30);

    /** What the reader is doing. */
    enum State {
        NOT_CONFIGURED,
        RUNNING,
        /** Something that it needs is away, or entries cannot be judged now; it tries again. */
        WAITING
    }

    private final Kind kind;
    private final MigrationConfig config;
    private final Reconciler reconciler;
    private final Clock clock;
    private final MeterRegistry registry;
    private final Thread thread;
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile State state;
    private volatile String waitingFor;
    private volatile long waiting = -1;
    private volatile KafkaConsumer<byte[], byte[]> consumer;

    /** What the consumer measures of itself; gone with it, so that nothing tells of a dead one. */
    private KafkaClientMetrics meters;

    private Admin admin;
    private Proof proof;
    private long proofDue;

    ChangeReader(Kind kind, MigrationConfig config, Reconciler reconciler, Clock clock, MeterRegistry registry) {
        this.registry = registry;
        this.kind = kind;
        this.config = config;
        this.reconciler = reconciler;
        this.clock = clock;
        this.state = configured() ? State.WAITING : State.NOT_CONFIGURED;
        this.waitingFor = configured() ? "the first contact with Kafka" : null;
        this.thread = new Thread(this::run, "reconcile-" + kind.word());
        this.thread.setDaemon(true);
    }

    private boolean configured() {
        return config.reconcile()
                .bootstrapServers()
                .filter(servers -> !servers.isBlank())
                .isPresent();
    }

    void start() {
        if (configured()) {
            thread.start();
        }
    }

    State state() {
        return state;
    }

    /** Why it waits; null while it does not. */
    String waitingFor() {
        return waitingFor;
    }

    /** Events that are published and not compared yet, as of about a second ago; -1 while not known. */
    long waiting() {
        return waiting;
    }

    @Override
    public void close() {
        closing.countDown();
        KafkaConsumer<byte[], byte[]> reading = consumer;
        if (reading != null) {
            reading.wakeup();
        }
        try {
            thread.join(KAFKA_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean closed() {
        return closing.getCount() == 0;
    }

    private void run() {
        long backoff = FIRST_BACKOFF_MILLIS;
        while (!closed()) {
            try {
                boolean compared = turn();
                backoff = FIRST_BACKOFF_MILLIS;
                // a turn without a batch proves nothing while something waits: a new consumer joins for a moment first
                if (compared || waiting == 0) {
                    running();
                }
            } catch (WakeupException stopping) {
                LOG.debugf("reading of changes was woken up: kind=%s", kind.word());
            } catch (InterruptedException stopping) {
                closing.countDown();
            } catch (Throwable e) {
                // an error too: nobody would notice that this thread has ended
                waits(reason(e));
                releaseQuietly();
                pause(backoff);
                backoff = Math.min(LAST_BACKOFF_MILLIS, backoff * 2);
            }
        }
        releaseQuietly();
    }

    /** A consumer that cannot be closed is left to itself. */
    private void releaseQuietly() {
        try {
            release();
        } catch (RuntimeException e) {
            LOG.debugf("the consumer was not closed: kind=%s reason=%s", kind.word(), reason(e));
        }
    }

    /** @return whether a batch was compared */
    private boolean turn() throws InterruptedException, ExecutionException, TimeoutException {
        connect();
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        if (!records.isEmpty()) {
            ask(reconciler.take(ChangeBatch.of(kind, records)));
            consumer.commitSync(KAFKA_LIMIT);
        }
        // a goal is looked at with every batch that brings it nearer, a new one is set once in a while
        if (System.nanoTime() >= proofDue) {
            consumer.commitSync(KAFKA_LIMIT);
            lookHowFar();
            proofDue = System.nanoTime() + config.reconcile().proofs().toNanos();
        } else if (proof != null && !records.isEmpty()) {
            lookHowFar();
        }
        return !records.isEmpty();
    }

    private void lookHowFar() throws InterruptedException, ExecutionException, TimeoutException {
        if (proof == null) {
            proof = goal();
        }
        Map<TopicPartition, Long> compared = new HashMap<>();
        for (Map.Entry<TopicPartition, OffsetAndMetadata> committed :
                consumer.committed(proof.ends().keySet(), KAFKA_LIMIT).entrySet()) {
            if (committed.getValue() != null) {
                compared.put(committed.getKey(), committed.getValue().offset());
            }
        }
        waiting = proof.missing(compared);
        if (waiting == 0) {
            ask(reconciler.prove(kind, proof));
            proof = null;
        }
    }

    private Proof goal() throws InterruptedException, ExecutionException, TimeoutException {
        var now = clock.instant();
        long through = ask(reconciler.publishedThrough(kind));
        List<PartitionInfo> partitions = consumer.partitionsFor(kind.changesTopic(), KAFKA_LIMIT);
        Map<TopicPartition, OffsetSpec> latest = partitions == null
                ? Map.of()
                : partitions.stream()
                        .collect(Collectors.toMap(
                                one -> new TopicPartition(one.topic(), one.partition()), one -> OffsetSpec.latest()));
        if (latest.isEmpty()) {
            throw new IllegalStateException("the topic " + kind.changesTopic() + " is not there yet");
        }
        Map<TopicPartition, Long> ends = new HashMap<>();
        admin.listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
                .all()
                .get(KAFKA_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .forEach((partition, end) -> ends.put(partition, end.offset()));
        return new Proof(through, now, ends);
    }

    private void connect() {
        if (consumer != null) {
            return;
        }
        String servers = config.reconcile().bootstrapServers().orElseThrow();
        admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                servers,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                3_000,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                5_000));
        KafkaConsumer<byte[], byte[]> fresh =
                new KafkaConsumer<>(settings(servers), new ByteArrayDeserializer(), new ByteArrayDeserializer());
        fresh.subscribe(List.of(kind.changesTopic()));
        consumer = fresh;
        meters = new KafkaClientMetrics(fresh);
        meters.bindTo(registry);
        proof = null;
        proofDue = 0;
    }

    private Properties settings(String servers) {
        Properties settings = new Properties();
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, GROUP + "-" + kind.word());
        // a label of its metrics: one that counted up with every new contact would never end
        settings.put(ConsumerConfig.CLIENT_ID_CONFIG, GROUP + "-" + kind.word());
        // only what the publisher's transactions committed
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        // comparing an old change is harmless, missing one is not
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, config.reconcile().batch());
        settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
        // the broker collects a batch: a comparison costs nearly the same for one change as for many
        settings.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, config.reconcile().batch() * BYTES_PER_EVENT);
        settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int)
                config.reconcile().gather().toMillis());
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES / 4);
        // a killed reader's partitions go to its successor after this long
        settings.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 6_000);
        settings.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 2_000);
        // a topic that is made later is seen this soon
        settings.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 5_000);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) KAFKA_LIMIT.toMillis());
        // an answer that was lost on the way is asked for again this soon; the default is half a minute of standing
        // still
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 3_000);
        return settings;
    }

    private void release() {
        KafkaConsumer<byte[], byte[]> gone = consumer;
        consumer = null;
        waiting = -1;
        if (meters != null) {
            meters.close();
            meters = null;
        }
        if (gone != null) {
            gone.close(CloseOptions.timeout(Duration.ofSeconds(1)));
        }
        if (admin != null) {
            admin.close(Duration.ofSeconds(1));
            admin = null;
        }
    }

    private void pause(long millis) {
        try {
            if (closing.await(millis, TimeUnit.MILLISECONDS)) {
                LOG.debugf("reading of changes ends: kind=%s", kind.word());
            }
        } catch (InterruptedException e) {
            closing.countDown();
        }
    }

    private void running() {
        if (state != State.RUNNING) {
            LOG.infof("changes are compared: kind=%s topic=%s", kind.word(), kind.changesTopic());
        }
        state = State.RUNNING;
        waitingFor = null;
    }

    private void waits(String why) {
        if (state != State.WAITING || !why.equals(waitingFor)) {
            LOG.infof("comparing changes waits: kind=%s reason=%s", kind.word(), why);
        }
        state = State.WAITING;
        waitingFor = why;
    }

    private <T> T ask(Uni<T> question) throws InterruptedException, ExecutionException, TimeoutException {
        Duration limit = config.verify().patience().plus(SLACK);
        return question.subscribeAsCompletionStage().get(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static String reason(Throwable failure) {
        Throwable cause =
                failure instanceof ExecutionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
