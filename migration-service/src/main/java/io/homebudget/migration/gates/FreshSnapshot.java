package io.homebudget.migration.gates;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** There is a snapshot to go back to that was read again since it was made, or the run makes one first. */
final class FreshSnapshot implements Gate {

    @Override
    public String name() {
        return "fresh_verified_snapshot";
    }

    @Override
    public Check check(Situation situation) {
        return situation
                .around()
                .snapshots()
                .fold(shelf -> judge(situation, shelf), why -> away(situation, why), this::open);
    }

    private Check judge(Situation situation, Surroundings.Shelf shelf) {
        if (situation.rules().snapshotByRun()) {
            return open("The run makes a snapshot and has it verified before it changes anything.");
        }
        Duration limit = situation.rules().snapshotAge();
        String advice = "POST /api/v1/backups and verify it, or set BACKUP_BEFORE_MIGRATE=true.";
        Optional<Instant> newest = shelf.newestVerified();
        if (newest.isEmpty()) {
            return closed("There is no verified snapshot.", advice);
        }
        Duration age = Duration.between(newest.get(), situation.now());
        return age.compareTo(limit) <= 0
                ? open("A verified snapshot is " + age.toHours() + " h old.")
                : closed(
                        "The newest verified snapshot is " + age.toHours() + " h old, more than " + limit.toHours()
                                + " h.",
                        advice);
    }

    private Check away(Situation situation, String why) {
        return waiting(
                why,
                "Start backup-service"
                        + (situation.rules().snapshotByRun()
                                ? ", or set BACKUP_BEFORE_MIGRATE=false and unset BACKUP_URL."
                                : "."));
    }
}
