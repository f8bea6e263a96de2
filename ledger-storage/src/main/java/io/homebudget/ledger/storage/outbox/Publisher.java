package io.homebudget.ledger.storage.outbox;

import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.InitialFile;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.LogSlice;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jboss.logging.Logger;

/**
 * Publishes every change from the primary's log to Kafka: at least once, per entry in the order of versions, across phase
 * changes and Kafka's absence.
 *
 * <p>It reads the log in batches and sends each batch in one Kafka transaction; then it notes the position. A crash in between
 * sends the batch again, from its beginning, so that the order per entry still holds. What the log does not tell is told by
 * {@link Baseline} first.
 *
 * <p>Works on a thread of its own, the only one that blocks on Kafka; writers only wake it.
 */
public final class Publisher implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Publisher.class);
    private static final int BATCH_CHANGES = 1_000;
    private static final long POLL_MILLIS = 200;
    private static final long FIRST_BACKOFF_MILLIS = 200;
    private static final long LAST_BACKOFF_MILLIS = 5_000;
    private static final long STORE_LIMIT_SECONDS = 30;
    /** Noting the position costs a write of its own; after a crash at most this much is published twice. */
    private static final long NOTE_MILLIS = 250;
    /** How long a baseline waits until the JSON store holds what it would tell. */
    private static final long LIMIT_PATIENCE_MILLIS = 2_000;

    private static final long LIMIT_LOOK_MILLIS = 10;

    /**
     * What there is to publish.
     *
     * @param log the primary
     * @param limit the last position that may be published: not beyond what a takeover would keep
     * @param lock who may publish in this phase
     */
    public record Source(LedgerStore log, Rule rule, long limit, PublishLock lock) {}

    /** What the publisher is doing. */
    public enum State {
        NOT_CONFIGURED,
        RUNNING,
        AWAY,
        PAUSED,
        NEEDS_BASELINE,
        STANDBY
    }

    private final Kind kind;
    private final PublisherConfig config;
    private final Supplier<Optional<Source>> sources;
    private final Clock clock;
    private final Semaphore wake = new Semaphore(0);
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean paused;
    private volatile State state;
    private volatile long published = -1;

    private Producer<String, byte[]> producer;
    /** Ends the watch over the producer. */
    private Runnable unwatch;

    private volatile Rule rule;
    private PublishLock lock;
    /** Everything as it stands must be told before the log. */
    private boolean baseline;
    /** The entries of an initial file up to this id must be told before the log; 0 where there are none. */
    private long initialIds;

    private long noted;
    private long notedAt;
    private long announcedEpoch;

    public Publisher(Kind kind, PublisherConfig config, Supplier<Optional<Source>> sources, Clock clock) {
        this.kind = kind;
        this.config = config;
        this.sources = sources;
        this.clock = clock;
        this.state = config.configured() ? State.AWAY : State.NOT_CONFIGURED;
        this.thread = new Thread(this::run, "publisher-" + kind.word());
        this.thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    /** There is something new; cheap, from any thread. */
    public void nudge() {
        if (wake.availablePermits() == 0) {
            wake.release();
        }
    }

    /**
     * Stops publishing until {@link #resume}; the backlog grows and nothing is lost. What is being sent at this moment, a batch or
     * a baseline, is sent to its end.
     */
    public void pause() {
        paused = true;
        nudge();
    }

    public void resume() {
        paused = false;
        nudge();
    }

    public State state() {
        return paused && state != State.NOT_CONFIGURED ? State.PAUSED : state;
    }

    /** The position through which everything is published, as far as this process knows; -1 while unknown. */
    public long published() {
        return published;
    }

    /** As {@link #published}, but only as far as it is known of the log of this rule; -1 while it is not. */
    public long publishedUnder(Rule ruling) {
        return ruling.equals(rule) ? published : -1;
    }

    @Override
    public void close() {
        closed = true;
        nudge();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        long backoff = FIRST_BACKOFF_MILLIS;
        while (!closed) {
            try {
                boolean more = !paused && turn();
                backoff = FIRST_BACKOFF_MILLIS;
                if (!more) {
                    rest(POLL_MILLIS);
                }
            } catch (InterruptedException e) {
                closed = true;
            } catch (Throwable e) {
                // an error too: a publisher that ended silently would be believed to run
                if (state != State.AWAY) {
                    LOG.warnv("publishing stands still, writes go on: {0}", causeOf(e));
                }
                state = config.configured() ? State.AWAY : State.NOT_CONFIGURED;
                releaseQuietly();
                restQuietly(backoff);
                backoff = Math.min(LAST_BACKOFF_MILLIS, backoff * 2);
            }
        }
        noteQuietly();
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

    /** @return whether there is probably more to do at once */
    private boolean turn() throws InterruptedException, ExecutionException, TimeoutException {
        Optional<Source> source = sources.get();
        if (source.isEmpty()) {
            return false;
        }
        Source from = source.get();
        if (!from.rule().equals(rule)) {
            adopt(from);
        }
        if (!config.configured()) {
            return false;
        }
        if (!from.lock().hold()) {
            state = State.STANDBY;
            // somebody else goes on from where things stand now
            rule = null;
            return false;
        }
        connect();
        announce(from.rule());
        if (ends()) {
            return false;
        }
        if (baseline || initialIds > 0) {
            state = State.NEEDS_BASELINE;
            return publishBaseline(from);
        }
        state = State.RUNNING;
        LogSlice slice = ask(from.log().log(published, BATCH_CHANGES));
        if (slice.cut()) {
            LOG.warnv("the log was cut behind position {0} before it was published: a baseline follows", published);
            needBaseline(from);
            return true;
        }
        if (ends()) {
            return false;
        }
        // asked anew: what was read may be younger than the limit that held before
        Optional<Source> now = sources.get();
        return now.isPresent() && now.get().rule().equals(from.rule()) && publish(now.get(), slice);
    }

    /** Asked after each step that may take long: what is read by then stays in the log, and is read again. */
    private boolean ends() {
        return paused || closed;
    }

    private void needBaseline(Source from) throws InterruptedException, ExecutionException, TimeoutException {
        ask(from.log().markPublished(Optional.empty()));
        baseline = true;
        initialIds = 0;
    }

    private void adopt(Source from) throws InterruptedException, ExecutionException, TimeoutException {
        if (lock != null && lock != from.lock()) {
            lock.close();
        }
        lock = from.lock();
        Optional<Long> through = ask(from.log().publishedThrough());
        baseline = through.isEmpty();
        initialIds =
                through.isEmpty() ? 0 : InitialFile.idsThrough(through.get()).orElse(0);
        published = Math.max(-1, through.orElse(-1L));
        noted = published;
        rule = from.rule();
    }

    private boolean publish(Source from, LogSlice slice)
            throws InterruptedException, ExecutionException, TimeoutException {
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
        long through = Math.min(slice.through(), from.limit());
        for (ChangeSet set : slice.sets()) {
            if (set.position() <= through) {
                records.addAll(ChangeEvent.of(kind, set));
            }
        }
        if (!records.isEmpty()) {
            send(records);
        }
        published = Math.max(published, through);
        if (published > noted && (records.isEmpty() || System.nanoTime() - notedAt > NOTE_MILLIS * 1_000_000)) {
            note(from.log());
        }
        return !records.isEmpty();
    }

    /** @return whether it is told, so that the log can follow at once */
    private boolean publishBaseline(Source from) throws InterruptedException, ExecutionException, TimeoutException {
        Baseline telling = new Baseline(kind, clock, () -> closed, new Baseline.Way() {
            @Override
            public void send(List<ProducerRecord<String, byte[]>> records) {
                Publisher.this.send(records);
            }

            @Override
            public boolean mayTell(long position) throws InterruptedException {
                return Publisher.this.mayTell(from.rule(), position);
            }
        });
        Baseline.Told told = baseline
                ? telling.everything(from.log(), from.rule())
                : telling.initialFile(from.log(), from.rule(), initialIds);
        switch (told.end()) {
            case DONE -> {
                published = told.goesOnFrom();
                note(from.log());
                baseline = false;
                initialIds = 0;
                return true;
            }
            case CUT -> {
                needBaseline(from);
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    /** While JSON is in sync it trails by what is in flight, so a moment's patience is enough. */
    private boolean mayTell(Rule ruling, long position) throws InterruptedException {
        for (long waited = 0; waited < LIMIT_PATIENCE_MILLIS && !closed; waited += LIMIT_LOOK_MILLIS) {
            Optional<Source> now = sources.get();
            if (now.isEmpty() || !now.get().rule().equals(ruling)) {
                return false;
            }
            if (now.get().limit() >= position) {
                return true;
            }
            Thread.sleep(LIMIT_LOOK_MILLIS);
        }
        return false;
    }

    private void send(List<ProducerRecord<String, byte[]>> records) {
        producer.beginTransaction();
        for (ProducerRecord<String, byte[]> record : records) {
            producer.send(record);
        }
        // fails when any send failed: then nothing of this batch counts, and it is sent again from its beginning
        producer.commitTransaction();
    }

    /** Tells the world who rules; repeated at each start with the same id, so consumers can tell. */
    private void announce(Rule ruling) {
        if (announcedEpoch == ruling.epoch()) {
            return;
        }
        send(List.of(PhaseEvent.of(kind, ruling, clock.instant())));
        announcedEpoch = ruling.epoch();
    }

    private void note(LedgerStore log) throws InterruptedException, ExecutionException, TimeoutException {
        ask(log.markPublished(Optional.of(published)));
        noted = published;
        notedAt = System.nanoTime();
    }

    private void noteQuietly() {
        try {
            Optional<Source> source = sources.get();
            if (source.isPresent() && source.get().rule().equals(rule) && published > noted) {
                note(source.get().log());
            }
        } catch (Exception e) {
            LOG.debugv("the published position was not noted: some events will come twice: {0}", causeOf(e));
        }
    }

    private void connect() throws InterruptedException, ExecutionException, TimeoutException {
        if (producer != null) {
            return;
        }
        KafkaTopics.ensure(config, List.of(kind.changesTopic(), PhaseEvent.TOPIC));
        Properties settings = new Properties();
        settings.putAll(Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                config.bootstrapServers(),
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                "ledger-" + kind.word() + "-publisher",
                ProducerConfig.ACKS_CONFIG,
                "all",
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                5_000,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                5_000,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                10_000,
                // longer than a transaction can take by the limits above; what a killed publisher left open ends that
                // soon
                ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                20_000,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                KafkaTopics.MAX_EVENT_BYTES));
        Producer<String, byte[]> fresh =
                new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
        try {
            fresh.initTransactions();
            unwatch = config.watch().watch(fresh);
        } catch (RuntimeException e) {
            fresh.close(Duration.ZERO);
            throw e;
        }
        producer = fresh;
        LOG.infov("publishing {0} to {1}", kind.plural(), kind.changesTopic());
    }

    private void release() {
        // what was sent but not noted comes again: read the position anew
        rule = null;
        try {
            disconnect();
        } finally {
            if (lock != null) {
                lock.close();
            }
        }
    }

    private void disconnect() {
        Producer<String, byte[]> gone = producer;
        producer = null;
        if (gone != null) {
            try {
                unwatch.run();
            } finally {
                gone.close(Duration.ZERO);
            }
        }
    }

    private void rest(long millis) throws InterruptedException {
        if (wake.tryAcquire(millis, TimeUnit.MILLISECONDS)) {
            wake.drainPermits();
        }
    }

    private void restQuietly(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    static <T> T ask(Uni<T> question) throws InterruptedException, ExecutionException, TimeoutException {
        return question.subscribeAsCompletionStage().get(STORE_LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    private static String causeOf(Throwable failure) {
        Throwable cause =
                failure instanceof ExecutionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }
}
