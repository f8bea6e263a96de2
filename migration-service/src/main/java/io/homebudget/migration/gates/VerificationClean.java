package io.homebudget.migration.gates;

import io.homebudget.migration.verify.VerificationRow;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** The last comparison found nothing and is recent; each run compares anew before the fence all the same. */
final class VerificationClean implements Gate {

    @Override
    public String name() {
        return "verification_clean";
    }

    @Override
    public Check check(Situation situation) {
        if (!situation.state().phase().dual()) {
            return open("The run verifies when both stores are in use.");
        }
        if (situation.verification().isEmpty()) {
            return waiting("What was verified is not known while PostgreSQL is away.", "Start PostgreSQL.");
        }
        Optional<VerificationRow> last = situation.verification().get().last();
        String advice = "POST /api/v1/migration/verifications {\"kind\":\""
                + situation.kind().word() + "\"}.";
        if (last.isEmpty()) {
            return closed("Nothing was verified yet.", advice);
        }
        if (last.get().differences > 0) {
            return closed(
                    "The last verification found " + last.get().differences + " differences.",
                    "Repair or dismiss what GET /api/v1/migration/discrepancies lists, then " + advice);
        }
        // comparing every change as it comes proves as much as a verification that found nothing
        Instant proven = situation
                .verification()
                .get()
                .proof()
                .map(proof -> proof.at)
                .filter(at -> at.isAfter(last.get().finishedAt))
                .orElse(last.get().finishedAt);
        Duration age = Duration.between(proven, situation.now());
        return age.compareTo(situation.rules().verificationAge()) <= 0
                ? open("Verified clean " + age.toMinutes() + " minutes ago.")
                : closed(
                        "The last clean verification is " + age.toHours() + " h old, more than "
                                + situation.rules().verificationAge().toHours() + " h.",
                        advice);
    }
}
