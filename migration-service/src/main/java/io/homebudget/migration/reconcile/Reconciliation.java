package io.homebudget.migration.reconcile;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.metrics.MetricNames;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** Both kinds' readers, and how they fare. */
@ApplicationScoped
public class Reconciliation {
    private static final Logger LOG = Logger.getLogger(Reconciliation.class);

    /** How many are put aside changes rarely; a person is told within this time. */
    private static final long COUNT_MILLIS = 5_000;

    private final Map<Kind, ChangeReader> readers = new EnumMap<>(Kind.class);
    private final Map<Kind, Long> putAside = new ConcurrentHashMap<>();
    private final List<Gauge> gauges = new ArrayList<>();
    private final Reconciler reconciler;
    private final MeterRegistry registry;
    private final Vertx vertx;
    private long timer = -1;

    Reconciliation(MigrationConfig config, Reconciler reconciler, Clock clock, Vertx vertx, MeterRegistry registry) {
        this.reconciler = reconciler;
        this.vertx = vertx;
        this.registry = registry;
        for (Kind kind : Kind.values()) {
            ChangeReader reader = new ChangeReader(kind, config, reconciler, clock, registry);
            readers.put(kind, reader);
            gauges.add(Gauge.builder(
                            MetricNames.CHANGES_WAITING, reader, one -> one.waiting() < 0 ? Double.NaN : one.waiting())
                    .tag(MetricNames.KIND, kind.word())
                    .description("published events that are not compared yet")
                    .register(registry));
            gauges.add(Gauge.builder(MetricNames.EVENTS_PUT_ASIDE, putAside, all -> all.getOrDefault(kind, 0L))
                    .tag(MetricNames.KIND, kind.word())
                    .description("events that could not be read; above 0 a person must look")
                    .register(registry));
        }
    }

    void start(@Observes StartupEvent started) {
        readers.values().forEach(ChangeReader::start);
        timer = vertx.setPeriodic(COUNT_MILLIS, tick -> count());
    }

    void stop(@Observes ShutdownEvent stopping) {
        vertx.cancelTimer(timer);
        readers.values().forEach(ChangeReader::close);
        // the registry may outlive this service, and would go on telling what this one knew
        gauges.forEach(registry::remove);
    }

    private void count() {
        for (Kind kind : Kind.values()) {
            reconciler
                    .putAsideCount(kind)
                    .subscribe()
                    .with(
                            count -> putAside.put(kind, count),
                            away -> LOG.debugf("events put aside cannot be counted: reason=%s", away.getMessage()));
        }
    }

    /** A kind's reconciliation for the status. */
    public Map<String, Object> view(Kind kind) {
        ChangeReader reader = readers.get(kind);
        long aside = putAside.getOrDefault(kind, 0L);
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("state", reader.state().name().toLowerCase(Locale.ROOT));
        view.put("waiting_for", reader.waitingFor());
        view.put("changes_waiting", reader.waiting() < 0 ? null : reader.waiting());
        view.put("events_put_aside", aside);
        view.put(
                "notice",
                aside == 0
                        ? null
                        : aside + " events could not be read: see GET /api/v1/migration/put-aside?kind=" + kind.word());
        return view;
    }
}
