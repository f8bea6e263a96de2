package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.testing.Sample.create;
import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.outbox.PublishLock;
import io.homebudget.ledger.storage.outbox.Publisher;
import io.homebudget.ledger.storage.outbox.PublisherConfig;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.testing.MemoryStore;
import io.homebudget.ledger.testing.KafkaBroker;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What changes while a publisher is at work. */
class PublisherTurnIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Rule RULE = new Rule(1, Phase.JSON_ONLY);

    private final MemoryStore store = new MemoryStore(StoreName.JSON);
    private final Interposed calls = new Interposed();
    private final LedgerStore log = calls.before(store);

    @BeforeEach
    void aChangeIsToBePublished() {
        await(store.adopt(RULE));
        await(store.markPublished(Optional.of(0L)));
        await(store.write(create(1), RULE.epoch()));
    }

    private Publisher publisher(LongSupplier limit) {
        return new Publisher(
                // not the kind of the engines of other tests: a publisher ends the earlier one of its kind
                Kind.INCOME,
                new PublisherConfig(KafkaBroker.running().servers(), 3, (short) 1, Duration.ofDays(1)),
                () -> Optional.of(new Publisher.Source(log, RULE, limit.getAsLong(), PublishLock.ALONE)),
                Clock.systemUTC());
    }

    @Test
    void whatWasReadBeforeThePauseIsNotPublishedInIt() {
        Publisher publisher = publisher(() -> Long.MAX_VALUE);
        CompletableFuture<Void> read = new CompletableFuture<>();
        calls.on("log", real -> real.invoke(publisher::pause).onTermination().invoke(() -> read.complete(null)));

        publisher.start();
        assertThat(read).succeedsWithin(LIMIT);
        publisher.close();

        assertThat(publisher.published()).isZero();
        assertThat(await(store.publishedThrough())).contains(0L);
    }

    @Test
    void whatWasReadIsNotPublishedBeyondALimitThatCameMeanwhile() {
        AtomicLong limit = new AtomicLong(Long.MAX_VALUE);
        AtomicInteger reads = new AtomicInteger();
        Publisher publisher = publisher(limit::get);
        calls.on("log", real -> real.invoke(() -> limit.set(reads.getAndIncrement() == 0 ? 0 : limit.get())));

        publisher.start();
        // the third read begins after the turn of the first is over
        Awaitility.await().atMost(LIMIT).until(() -> reads.get() >= 3);
        assertThat(publisher.published()).isZero();

        limit.set(1);
        Awaitility.await().atMost(LIMIT).until(() -> publisher.published() == 1);
        publisher.close();
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(LIMIT);
    }
}
