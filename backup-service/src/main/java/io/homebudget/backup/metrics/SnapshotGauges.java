package io.homebudget.backup.metrics;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.Listed;
import io.homebudget.backup.format.FileSum;
import io.homebudget.backup.format.StoreImage;
import io.homebudget.ledger.entry.Kind;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import io.quarkus.scheduler.Scheduled;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** What the snapshots say of themselves, by kind. Read from the folder at intervals, never by a scrape. */
@Startup
@Singleton
public class SnapshotGauges {
    private static final Logger LOG = Logger.getLogger(SnapshotGauges.class);

    private final Catalogue catalogue;
    private final Clock clock;
    private volatile Map<Kind, Seen> seen = Map.of();

    /**
     * @param image of the store that ruled, in the newest snapshot that is proven whole
     * @param bytes of its files of this kind
     * @param verified when any snapshot of the kind was last proven whole
     */
    private record Seen(StoreImage image, long bytes, Instant verified) {}

    SnapshotGauges(Catalogue catalogue, Clock clock, MeterRegistry registry) {
        this.catalogue = catalogue;
        this.clock = clock;
        for (Kind kind : Kind.values()) {
            gauge(
                    registry,
                    MetricNames.LAST_SUCCESS,
                    kind,
                    one -> seconds(one.image().at()));
            gauge(registry, MetricNames.LAST_VERIFIED, kind, one -> seconds(one.verified()));
            gauge(registry, MetricNames.SIZE, kind, one -> (double) one.bytes());
            gauge(
                    registry,
                    MetricNames.RPO,
                    kind,
                    one -> Duration.between(one.image().at(), clock.instant()).toMillis() / 1e3);
        }
    }

    private interface Figure {
        double of(Seen seen);
    }

    private void gauge(MeterRegistry registry, String name, Kind kind, Figure figure) {
        Gauge.builder(name, this, gauges -> {
                    Seen one = gauges.seen.get(kind);
                    return one == null ? Double.NaN : figure.of(one);
                })
                .tag(MetricNames.KIND, kind.word())
                .register(registry);
    }

    private static double seconds(Instant at) {
        return at.toEpochMilli() / 1e3;
    }

    @Scheduled(every = "{backup.look-every}", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void look() {
        try {
            List<Listed> all = catalogue.list();
            Map<Kind, Seen> now = new EnumMap<>(Kind.class);
            for (Kind kind : Kind.values()) {
                newest(all, kind).ifPresent(one -> now.put(kind, one));
            }
            seen = now;
        } catch (IOException e) {
            LOG.warnf("the snapshots cannot be looked at for the metrics: error=%s", e.getMessage());
        }
    }

    private static Optional<Seen> newest(List<Listed> all, Kind kind) {
        Instant verified = all.stream()
                .filter(Listed::good)
                .map(listed -> listed.state().verifiedAt())
                .max(Instant::compareTo)
                .orElse(null);
        return all.stream()
                .filter(Listed::good)
                .filter(listed -> listed.manifest().primaryImage(kind).isPresent())
                .findFirst()
                .map(listed ->
                        new Seen(listed.manifest().primaryImage(kind).orElseThrow(), bytes(listed, kind), verified));
    }

    private static long bytes(Listed listed, Kind kind) {
        return listed.manifest().files().stream()
                .filter(file -> file.path().contains("/" + kind.word() + "."))
                .mapToLong(FileSum::bytes)
                .sum();
    }
}
