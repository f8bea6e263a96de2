package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.SyncListener;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.homebudget.ledger.storage.testing.MemoryStore;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Two stores in memory at one rule and a helm over them, without an engine: for the parts that work beside the requests. */
final class TwoStores implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(20);

    final MemoryStore json = new MemoryStore(StoreName.JSON);
    final MemoryStore postgres = new MemoryStore(StoreName.POSTGRES);
    final MemoryFiles files = new MemoryFiles(json, json, new UUID(1, 1));
    final Later clock = new Later();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    final Helm helm = new Helm(json, postgres, json, timer, clock);
    private Rule rule = new Rule(1, Phase.JSON_ONLY);

    TwoStores() {
        enter(Phase.JSON_ONLY);
    }

    /** The time at which the test began, and as much later as it says. */
    static final class Later extends Clock {
        private final Instant began = Instant.now();
        private volatile Duration by = Duration.ZERO;

        void by(Duration later) {
            by = later;
        }

        @Override
        public Instant instant() {
            return began.plus(by);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    static <T> T await(Uni<T> uni) {
        return uni.await().atMost(LIMIT);
    }

    Rule rule() {
        return rule;
    }

    /** Both stores learn the next rule; PostgreSQL is filled where it comes in, and the follower is at the head. */
    void enter(Phase phase) {
        boolean comesIn = rule.phase() == Phase.JSON_ONLY && phase == Phase.DUAL_WRITE;
        rule = new Rule(rule.epoch() + 1, phase);
        await(json.adopt(rule));
        await(postgres.adopt(rule));
        await(helm.enter(rule));
        if (comesIn) {
            await(json.image(0).chain(image -> postgres.synchronize(image, 0, rule.epoch(), SyncListener.NONE)));
        }
        caughtUp();
    }

    void caughtUp() {
        if (helm.course().following() != null) {
            long head = await(primary().head());
            helm.course().following().nudge(head, clock.instant());
            helm.course()
                    .following()
                    .await(head)
                    .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
                    .join();
        }
    }

    LedgerStore primary() {
        return helm.primary(rule);
    }

    WriteOutcome.Written write(WriteRequest request) {
        return (WriteOutcome.Written) await(primary().write(request, rule.epoch()));
    }

    @Override
    public void close() {
        helm.set(Course.closed("the test has ended"));
        timer.shutdownNow();
    }
}
