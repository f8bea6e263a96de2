package io.homebudget.migration.gates;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Kafka keeps the events at least as far back as the oldest kept snapshot: recovery needs all that came after it (A28). */
final class EventRetention implements Gate {

    @Override
    public String name() {
        return "event_retention";
    }

    @Override
    public Check check(Situation situation) {
        Optional<Instant> oldest = situation
                .around()
                .snapshots()
                .fold(Surroundings.Shelf::oldest, why -> Optional.empty(), why -> Optional.empty());
        return situation
                .around()
                .eventRetention()
                .fold(
                        retention -> judge(situation, retention, oldest),
                        // recovery takes the events from the log while Kafka is away, and nothing of a move needs Kafka
                        why -> open("Not known now, and a move does not need it: " + why),
                        this::open);
    }

    private Check judge(Situation situation, Duration retention, Optional<Instant> oldest) {
        if (oldest.isEmpty()) {
            return open("No snapshot is kept that would need events.");
        }
        Duration age = Duration.between(oldest.get(), situation.now());
        return retention.compareTo(age) >= 0
                ? open("Events are kept longer than the oldest snapshot is old, " + age.toHours() + " h.")
                : closed(
                        "Events are kept for " + retention.toHours() + " h, but the oldest snapshot is " + age.toHours()
                                + " h old.",
                        "Raise retention.ms of " + situation.kind().changesTopic()
                                + ", or remove old snapshots: POST /api/v1/backups/retention.");
    }
}
