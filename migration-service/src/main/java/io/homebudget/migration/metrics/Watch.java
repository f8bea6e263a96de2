package io.homebudget.migration.metrics;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.migration.discrepancies.Finding;
import io.homebudget.migration.gates.ClosedWays;
import io.homebudget.migration.gates.Surroundings;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.ledgers.Outages;
import io.homebudget.migration.ledgers.Roles;
import io.homebudget.migration.live.Live;
import io.homebudget.migration.runs.RunBook;
import io.homebudget.migration.runs.RunView;
import io.homebudget.migration.status.Readiness;
import io.homebudget.migration.status.Status;
import io.homebudget.migration.surroundings.Surveyor;
import io.homebudget.migration.verify.VerificationBook;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/** Looks at both kinds once a second: for the gauges, and to tell listeners of phase changes whoever caused them. */
@ApplicationScoped
class Watch {
    private static final Logger LOG = Logger.getLogger(Watch.class);
    private static final long LOOK_MILLIS = 1_000;

    /** Above the limits of all that is asked in one look, with PostgreSQL and a ledger service away. */
    private static final Duration LOOK_LIMIT = Duration.ofSeconds(15);

    private final Ledgers ledgers;
    private final Outages outages;
    private final Roles roles;
    private final Status status;
    private final ClosedWays closedWays;
    private final Surveyor surveyor;
    private final RunBook runs;
    private final Live live;
    private final Clock clock;
    private final Vertx vertx;
    private final MeterRegistry registry;
    private final Map<Kind, Seen> seen = new EnumMap<>(Kind.class);
    private final AtomicBoolean looking = new AtomicBoolean();
    private long timer = -1;

    /** What was last seen of a kind; NaN where it is not known. */
    private static final class Seen {
        /** Of what was told last. */
        private volatile long epoch = -1;

        private final AtomicBoolean telling = new AtomicBoolean();
        private volatile double retentionMargin = Double.NaN;
        private volatile Readiness readiness = Readiness.away("not looked yet");
        private volatile double progress = Double.NaN;
        private volatile Instant verifiedAt;
        private volatile Map<String, Long> open = Map.of();
    }

    Watch(
            Ledgers ledgers,
            Outages outages,
            Roles roles,
            Status status,
            ClosedWays closedWays,
            Surveyor surveyor,
            RunBook runs,
            Live live,
            Clock clock,
            Vertx vertx,
            MeterRegistry registry) {
        this.closedWays = closedWays;
        this.surveyor = surveyor;
        this.ledgers = ledgers;
        this.outages = outages;
        this.roles = roles;
        this.status = status;
        this.runs = runs;
        this.live = live;
        this.clock = clock;
        this.vertx = vertx;
        for (Kind kind : Kind.values()) {
            seen.put(kind, new Seen());
        }
        this.registry = registry;
        register(registry);
    }

    private void register(MeterRegistry registry) {
        seen.forEach((kind, now) -> {
            Gauge.builder(MetricNames.WEBSOCKET_CONNECTIONS, live, Live::listeners)
                    .tag(MetricNames.KIND, kind.word())
                    .description("who listens to /live now; each listens to both kinds, so both values are the same")
                    .register(registry);
            Gauge.builder(MetricNames.RUN_PROGRESS, now, one -> one.progress)
                    .tag(MetricNames.KIND, kind.word())
                    .description("share of the newest run that is done, 0 to 1")
                    .register(registry);
            Gauge.builder(MetricNames.ROLLBACK_READY, now, one -> one.readiness.ready() ? 1 : 0)
                    .tag(MetricNames.KIND, kind.word())
                    .description("1 where one phase back is possible now")
                    .register(registry);
            Gauge.builder(MetricNames.EVENT_RETENTION_MARGIN, now, one -> one.retentionMargin)
                    .tag(MetricNames.KIND, kind.word())
                    .description(
                            "how much longer events are kept than the oldest snapshot is old; below 0 recovery lacks some")
                    .register(registry);
            for (Readiness.Blocker blocker : Readiness.blockers()) {
                Gauge.builder(MetricNames.ROLLBACK_BLOCKED, now, one -> one.readiness.blocker() == blocker ? 1 : 0)
                        .tag(MetricNames.KIND, kind.word())
                        .tag(MetricNames.REASON, blocker.word())
                        .description("1 at the reason why one phase back is not possible now")
                        .register(registry);
            }
            Gauge.builder(MetricNames.VERIFIED_THROUGH_AGE, now, this::age)
                    .tag(MetricNames.KIND, kind.word())
                    .register(registry);
            for (Finding.Type type : Finding.Type.values()) {
                Gauge.builder(MetricNames.DISCREPANCIES_OPEN, now, one -> one.open.getOrDefault(type.word(), 0L))
                        .tag(MetricNames.KIND, kind.word())
                        .tag(MetricNames.TYPE, type.word())
                        .register(registry);
            }
        });
    }

    private double age(Seen one) {
        return one.verifiedAt == null
                ? Double.NaN
                : Duration.between(one.verifiedAt, clock.instant()).toMillis() / 1e3;
    }

    void start(@Observes StartupEvent started) {
        timer = vertx.setPeriodic(LOOK_MILLIS, tick -> look());
    }

    void stop(@Observes ShutdownEvent stopping) {
        vertx.cancelTimer(timer);
        // a registry can outlive an application that is started anew in the same process; its gauges would tell of the
        // dead one
        registry.getMeters().stream()
                .filter(meter -> meter.getId().getName().startsWith(MetricNames.OWN))
                .toList()
                .forEach(registry::remove);
    }

    private void look() {
        if (!looking.compareAndSet(false, true)) {
            return;
        }
        Uni.createFrom()
                .deferred(() -> look(Kind.EXPENSE))
                .chain(() -> look(Kind.INCOME))
                // gauges that stand still look like health: a look that does not come back is given up
                .ifNoItem()
                .after(LOOK_LIMIT)
                .fail()
                .onTermination()
                .invoke(() -> looking.set(false))
                .subscribe()
                .with(done -> {}, failure -> LOG.warnf(failure, "a look at the ledgers failed"));
    }

    private Uni<Void> look(Kind kind) {
        Seen one = seen.get(kind);
        return ledgers.of(kind)
                .state()
                .call(state -> closedWays.closed(state).invoke(closed -> one.readiness = Readiness.of(state, closed)))
                .invoke(state -> stands(kind, one, state))
                .invoke(state -> outages.saw(kind, state))
                .invoke(state -> roles.saw(kind, state))
                .onFailure()
                .invoke(away -> one.readiness = Readiness.away(String.valueOf(away.getMessage())))
                .onFailure()
                .recoverWithNull()
                .chain(() -> surveyor.around(kind))
                .invoke(around -> one.retentionMargin = margin(around))
                .chain(() -> status.verified(kind))
                .invoke(known -> {
                    one.open = known.map(VerificationBook.Standing::open).orElse(one.open);
                    known.flatMap(VerificationBook.Standing::proof).ifPresent(proof -> one.verifiedAt = proof.at);
                })
                .chain(() -> runs.newest(Optional.of(kind), 1, 0))
                .invoke(found -> one.progress = found.isEmpty() ? Double.NaN : RunView.percent(found.get(0)) / 100d)
                .onFailure()
                .recoverWithNull()
                .replaceWithVoid();
    }

    /** NaN where either side is not known. */
    private double margin(Surroundings around) {
        Optional<Instant> oldest =
                around.snapshots().fold(Surroundings.Shelf::oldest, why -> Optional.empty(), why -> Optional.empty());
        double kept = around.eventRetention().fold(Duration::toSeconds, why -> -1L, why -> -1L);
        return oldest.isEmpty() || kept < 0
                ? Double.NaN
                : kept - Duration.between(oldest.get(), clock.instant()).toSeconds();
    }

    private void stands(Kind kind, Seen one, LedgerState state) {
        // at the first look too: whoever listens already may have been greeted with the phase before this one
        if (one.epoch == state.epoch() || !one.telling.compareAndSet(false, true)) {
            return;
        }
        status.of(kind)
                .subscribe()
                .with(
                        now -> {
                            // a service that was away when it was asked anew is told at the next look
                            if (now.get("epoch") instanceof Long told && told != one.epoch) {
                                one.epoch = told;
                                live.phaseChanged(kind.word(), now);
                            }
                            one.telling.set(false);
                        },
                        failure -> {
                            LOG.warnf(failure, "a phase change is told at the next look: kind=%s", kind.word());
                            one.telling.set(false);
                        });
    }
}
