package io.homebudget.ledger.storage.metrics;

import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.StoreName;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.clients.producer.Producer;

/** All metrics of the ledger engine and their names, each with the label {@code kind}. */
public final class LedgerMetrics {
    static final String PHASE = "ledger.phase";
    static final String EPOCH = "ledger.epoch";
    static final String STORE_WRITE = "ledger.store.write";
    static final String STORE_READ = "ledger.store.read";
    static final String STORE_ERRORS = "ledger.store.errors";
    static final String FOLLOWER_LAG = "ledger.follower.lag.changes";
    static final String FOLLOWER_OLDEST = "ledger.follower.oldest.seconds";
    static final String IN_SYNC = "ledger.in.sync";
    static final String PUBLISH_BACKLOG = "ledger.publish.backlog.changes";
    static final String ORPHANS = "ledger.orphans";
    static final String SHADOW_READS = "ledger.shadow.reads";
    static final String REJECTED = "ledger.rejected.records";

    private final MeterRegistry registry;
    private final Tags kind;

    public LedgerMetrics(MeterRegistry registry, String kind) {
        this.registry = registry;
        this.kind = Tags.of("kind", kind);
    }

    /**
     * Registers what is read from the state at each scrape.
     *
     * @param ledger whose state it is. A registry keeps nobody alive, and a gauge of what is gone tells NaN: so it must be what lives
     *     as long as the ledger does, not a lambda made for this call
     */
    public <T> void observe(T ledger, Function<T, LedgerState> state) {
        gauge(
                PHASE,
                "0 JSON_ONLY to 3 DATABASE_ONLY; -1 while unknown",
                ledger,
                state,
                one -> one.phase() == null ? -1 : one.phase().ordinal());
        gauge(EPOCH, "rises with every phase change", ledger, state, LedgerState::epoch);
        gauge(FOLLOWER_LAG, "changes the follower has not applied", ledger, state, LedgerState::followerLag);
        gauge(FOLLOWER_OLDEST, "age of the oldest of them", ledger, state, LedgerState::oldestPendingSeconds);
        gauge(IN_SYNC, "1 when the follower holds everything acknowledged", ledger, state, one -> one.inSync() ? 1 : 0);
        gauge(PUBLISH_BACKLOG, "changes not yet published", ledger, state, LedgerState::publishBacklog);
        gauge(REJECTED, "records the first take could not take in", ledger, state, LedgerState::rejected);
        FunctionCounter.builder(ORPHANS, ledger, one -> state.apply(one).orphans())
                .description(
                        "changes that lost against another one at the same version, or that a takeover left behind")
                .tags(kind)
                .register(registry);
    }

    /**
     * Counts sampled reads by their result: match, mismatch, skipped or failed.
     *
     * @param more 0 makes the counter known before there is anything to count
     */
    public void shadowReads(String result, int more) {
        Counter.builder(SHADOW_READS)
                .description("sampled reads that the follower answered too, by result")
                .tags(kind.and("result", result))
                .register(registry)
                .increment(more);
    }

    /**
     * Registers what Kafka's client measures of its producer ({@code kafka.producer.*}), under the names that Quarkus gives to
     * producers of its own.
     *
     * @return takes all of it away again, so that meters of closed producers do not pile up
     */
    public Runnable ofProducer(Producer<?, ?> producer) {
        KafkaClientMetrics bound = new KafkaClientMetrics(producer, kind);
        bound.bindTo(registry);
        return bound::close;
    }

    Timer writes(StoreName store) {
        return timer(STORE_WRITE, store);
    }

    Timer reads(StoreName store) {
        return timer(STORE_READ, store);
    }

    Counter errors(StoreName store, String operation) {
        return Counter.builder(STORE_ERRORS)
                .tags(kind.and("store", store.word(), "operation", operation))
                .register(registry);
    }

    private Timer timer(String name, StoreName store) {
        return Timer.builder(name)
                .tags(kind.and("store", store.word()))
                .publishPercentileHistogram()
                .minimumExpectedValue(Duration.ofMillis(1))
                .maximumExpectedValue(Duration.ofSeconds(5))
                .register(registry);
    }

    private <T> void gauge(
            String name,
            String description,
            T ledger,
            Function<T, LedgerState> state,
            ToDoubleFunction<LedgerState> value) {
        Gauge.builder(name, ledger, one -> value.applyAsDouble(state.apply(one)))
                .description(description)
                .tags(kind)
                .register(registry);
    }
}
