package io.homebudget.backup.schedule;

import com.cronutils.model.Cron;
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;

/**
 * The moments at which something is to be done, by a cron expression in UTC.
 *
 * <p>What matters is not whether the process was up at such a moment but whether the thing was done since: a machine that slept
 * through the night makes its snapshot in the morning, once.
 */
public final class Slots {
    private static final String OFF = "off";
    private static final CronParser PARSER =
            new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.QUARTZ));

    private final ExecutionTime times;

    /**
     * @param expression six or seven fields as in Quartz, or {@code off}
     * @throws IllegalArgumentException naming the setting
     */
    public Slots(String setting, String expression) {
        if (expression.strip().equals(OFF)) {
            times = null;
            return;
        }
        try {
            Cron cron = PARSER.parse(expression.strip());
            times = ExecutionTime.forCron(cron.validate());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    setting + " is neither " + OFF + " nor a cron expression such as 0 0 3 * * ?: " + e.getMessage(),
                    e);
        }
    }

    /**
     * The moment that is waiting to be served, if one is.
     *
     * @param since nothing before this was ever missed
     * @param done when the thing was last done; null where never
     */
    public Optional<Instant> due(Instant now, Instant since, Instant done) {
        if (times == null) {
            return Optional.empty();
        }
        ZonedDateTime at = now.atZone(ZoneOffset.UTC);
        Optional<Instant> slot = times.isMatch(at)
                ? Optional.of(at.withNano(0).toInstant())
                : times.lastExecution(at).map(ZonedDateTime::toInstant);
        return slot.filter(one -> one.isAfter(since)).filter(one -> done == null || done.isBefore(one));
    }
}
