package io.homebudget.backup.metrics;

import io.homebudget.backup.drill.Drills;
import io.homebudget.backup.recovery.Reach;
import io.homebudget.ledger.entry.Kind;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;

/** What the last drill proved, and whether every moment since the newest snapshot can still be reached. */
@Startup
@Singleton
public class RecoveryGauges {
    RecoveryGauges(Drills drills, Reach reach, MeterRegistry registry) {
        for (Kind kind : Kind.values()) {
            Gauge.builder(MetricNames.DRILL_SECONDS, drills, all -> all.lastSeconds(kind))
                    .tag(MetricNames.KIND, kind.word())
                    .register(registry);
            Gauge.builder(MetricNames.DRILL_LAST_RESULT, drills, all -> all.lastResult(kind))
                    .tag(MetricNames.KIND, kind.word())
                    .register(registry);
            Gauge.builder(MetricNames.LAST_DRILL, drills, all -> all.lastAt(kind))
                    .tag(MetricNames.KIND, kind.word())
                    .register(registry);
            Gauge.builder(MetricNames.RECOVERY_AT_RISK, reach, seen -> seen.atRisk(kind))
                    .tag(MetricNames.KIND, kind.word())
                    .register(registry);
        }
    }
}
