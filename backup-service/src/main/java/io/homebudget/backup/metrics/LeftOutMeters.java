package io.homebudget.backup.metrics;

import io.homebudget.ledger.metrics.MisleadingGauges;
import io.micrometer.core.instrument.config.MeterFilter;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** What the framework measures and this service does not show. */
@Singleton
class LeftOutMeters {

    @Produces
    @Singleton
    MeterFilter misleading() {
        return new MisleadingGauges();
    }
}
