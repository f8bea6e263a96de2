package io.homebudget.ledger.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;

/**
 * Gauges of the framework that are not what they seem, left out by every service. The client of PostgreSQL registers its own anew
 * with every connection under one name: the first connection's are kept, the rest end in a warning. What waits for the pool is in
 * the pool's own gauges.
 */
public final class MisleadingGauges implements MeterFilter {

    @Override
    public MeterFilterReply accept(Meter.Id id) {
        return id.getType() == Meter.Type.GAUGE && "sql".equals(id.getTag("clientType"))
                ? MeterFilterReply.DENY
                : MeterFilterReply.NEUTRAL;
    }
}
