package io.homebudget.migration.ledgers;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Which store failed last, with what and when, as far as this process has seen it: often the cause of what differs. Told from
 * the states that are read once a second anyway; a shorter absence may go unseen.
 */
@ApplicationScoped
public class Outages {
    /** Older ones explain nothing that is found now: what they left behind was found when the store came back. */
    private static final Duration RECENT = Duration.ofHours(1);

    private static final List<String> WELL = List.of("connected", "unused", "closed", "not_configured");

    private final Clock clock;
    private final Map<Kind, Map<String, Outage>> seen = new ConcurrentHashMap<>();

    Outages(Clock clock) {
        this.clock = clock;
    }

    /** @param until when it was last seen so */
    private record Outage(String what, Instant from, Instant until) {}

    public void saw(Kind kind, LedgerState state) {
        if (state.stores() == null) {
            return;
        }
        Instant now = clock.instant();
        Map<String, Outage> ofKind = seen.computeIfAbsent(kind, first -> new ConcurrentHashMap<>());
        state.stores().forEach((store, what) -> {
            if (!WELL.contains(what)) {
                ofKind.merge(
                        store,
                        new Outage(what, now, now),
                        (before, next) -> before.what().equals(what)
                                        && before.until().plusSeconds(5).isAfter(now)
                                ? new Outage(what, before.from(), now)
                                : next);
            }
        });
    }

    /** Empty where nothing failed lately. */
    public String recently(Kind kind) {
        Instant since = clock.instant().minus(RECENT);
        return new TreeMap<>(seen.getOrDefault(kind, Map.of()))
                .entrySet().stream()
                        .filter(one -> one.getValue().until().isAfter(since))
                        .map(one -> one.getKey() + " was " + one.getValue().what() + " from "
                                + seconds(one.getValue().from()) + " to "
                                + seconds(one.getValue().until()))
                        .collect(Collectors.joining("; "));
    }

    /** Looked at once a second; finer would be untrue. */
    private static Instant seconds(Instant moment) {
        return moment.truncatedTo(ChronoUnit.SECONDS);
    }
}
