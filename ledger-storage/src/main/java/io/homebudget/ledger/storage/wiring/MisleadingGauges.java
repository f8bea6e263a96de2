package io.homebudget.ledger.storage.wiring;

import io.micrometer.core.instrument.config.MeterFilter;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.Set;

/**
 * Gauges of the framework that are not what they seem. The client of PostgreSQL registers them anew with every connection under
 * one name: the first connection's are kept, the rest end in a warning. What waits for the pool is in the pool's own gauges.
 */
@Singleton
public class MisleadingGauges {
    private static final Set<String> OF_THE_FIRST_CONNECTION = Set.of("postgresql.queue.size", "postgresql.current");

    @Produces
    @Singleton
    MeterFilter ofTheFirstConnection() {
        return MeterFilter.deny(id -> OF_THE_FIRST_CONNECTION.contains(id.getName()));
    }
}
