package io.homebudget.ledger.storage.wiring;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/**
 * Gauges of the framework that are not what they seem. The client of PostgreSQL registers its own anew with every connection under
 * one name: the first connection's are kept, the rest end in a warning. What waits for the pool is in the pool's own gauges.
 */
@Singleton
public class MisleadingGauges {

    @Produces
    @Singleton
    MeterFilter ofTheFirstConnection() {
        return MeterFilter.deny(id -> id.getType() == Meter.Type.GAUGE && "sql".equals(id.getTag("clientType")));
    }
}
