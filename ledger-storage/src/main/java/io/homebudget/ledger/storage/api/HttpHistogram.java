package io.homebudget.ledger.storage.api;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.stream.DoubleStream;

/**
 * Gives {@code http_server_requests_seconds} buckets, from which p50, p95 and p99 follow for one service or all replicas
 * together (quantiles of single replicas cannot be added up). The bounds lie around the limit asked for, p95 below 200 ms.
 */
public class HttpHistogram {
    private static final String METER = "http.server.requests";
    private static final double[] BOUNDS = DoubleStream.of(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
            .map(millis -> Duration.ofMillis((long) millis).toNanos())
            .toArray();

    @Produces
    @Singleton
    MeterFilter httpBuckets() {
        return new MeterFilter() {
            @Override
            public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
                return id.getName().equals(METER)
                        ? DistributionStatisticConfig.builder()
                                .serviceLevelObjectives(BOUNDS)
                                .build()
                                .merge(config)
                        : config;
            }
        };
    }
}
