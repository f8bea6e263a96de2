package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.testing.Sample.create;
import static io.homebudget.ledger.storage.testing.Sample.modify;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.storage.shadow.ShadowReads;
import io.homebudget.ledger.storage.shadow.ShadowReads.Result;
import io.homebudget.ledger.storage.shadow.ShadowedLedger;
import io.homebudget.ledger.storage.store.Grouping;
import io.homebudget.ledger.storage.store.Listing;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Shadow reads between real files and a real PostgreSQL. */
class EngineShadowIT {
    private static final Listing PAGE = new Listing(null, null, null, null, null, 20, null);

    /** Every read, with the usual attempts, and a follower that may take longer than a service would wait for it. */
    private static final ShadowReads.Limits PATIENT =
            new ShadowReads.Limits(1, 4, Duration.ofSeconds(20), 5, Duration.ofMillis(100));

    private final Map<Result, AtomicLong> results = new EnumMap<>(Result.class);
    private RealEngine real;
    private ShadowReads shadow;
    private Ledger ledger;

    @BeforeEach
    void open() {
        real = new RealEngine();
        for (Result result : Result.values()) {
            results.put(result, new AtomicLong());
        }
        LedgerEngine engine = real.engine();
        shadow = new ShadowReads(
                () -> engine.rule().flatMap(rule -> engine.follower().flatMap(follower -> engine.primary()
                        .map(primary -> new ShadowReads.Sides(primary, follower, rule)))),
                engine::awaitFollower,
                PATIENT,
                () -> 0,
                result -> results.get(result).incrementAndGet(),
                ForkJoinPool.commonPool(),
                Clock.systemUTC());
        ledger = new ShadowedLedger(engine.ledger(), shadow);
    }

    @AfterEach
    void close() {
        real.close();
    }

    private void readAll(long id) {
        ledger.find(id).await().atMost(RealEngine.LIMIT);
        ledger.list(PAGE)
                .chain(served -> served.value().collect().asList())
                .await()
                .atMost(RealEngine.LIMIT);
        ledger.summarize(Grouping.MONTH, Listing.ALL).await().atMost(RealEngine.LIMIT);
    }

    private long ended() {
        return results.values().stream().mapToLong(AtomicLong::get).sum();
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"DUAL_WRITE", "DATABASE_READS"})
    void an_amount_changed_past_the_ledger_is_found_in_every_kind_of_read(Phase phase) {
        real.moveTo(phase);
        long id = real.created(create(1));
        real.inSync();
        real.execute("UPDATE expense.expenses SET amount = 666.66 WHERE id = " + id);

        readAll(id);

        await().atMost(Duration.ofSeconds(30)).until(() -> ended() == 3);
        assertThat(results.get(Result.MISMATCH)).hasValue(3);
        assertThat(shadow.after(0)).hasSize(3);
        assertThat(shadow.after(0)).anySatisfy(m -> assertThat(m.entryIds()).containsExactly(id));
    }

    @ParameterizedTest
    @EnumSource(
            value = Phase.class,
            names = {"DUAL_WRITE", "DATABASE_READS"})
    void live_writes_raise_no_false_alarm(Phase phase) {
        real.moveTo(phase);
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            ids.add(real.created(create(i)));
        }
        AtomicBoolean enough = new AtomicBoolean();
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            for (long n = 0; !enough.get(); n++) {
                real.written(modify(ids.get((int) (n % 20)), Field.AMOUNT, n + 2_000));
            }
        });
        for (int i = 0; i < 100; i++) {
            readAll(ids.get(i % 20));
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> ended() == 300);
        enough.set(true);
        writer.join();

        assertThat(shadow.after(0)).isEmpty();
        assertThat(results.get(Result.FAILED)).hasValue(0);
        assertThat(results.get(Result.MATCH).get()).isPositive();
    }

    @Test
    void without_a_follower_nothing_is_compared() {
        long id = real.created(create(1));
        readAll(id);
        assertThat(ended()).isZero();
    }
}
