package io.homebudget.migration.gates;

import io.homebudget.migration.verify.VerificationRow;
import java.time.Duration;
import java.util.Optional;

/** The last comparison found nothing; each run compares anew before the fence. */
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
            return closed("What was verified is not known while PostgreSQL is away.", "Start PostgreSQL.");
        }
        Optional<VerificationRow> last = situation.verification().get().last();
        if (last.isEmpty()) {
            return open("Nothing was verified yet; the run verifies before it changes the phase.");
        }
        if (last.get().differences > 0) {
            return closed(
                    "The last verification found " + last.get().differences + " differences.",
                    "Look at GET /api/v1/migration/discrepancies, mend them, and POST /api/v1/migration/verifications.");
        }
        boolean recent = last.get().finishedAt.plus(situation.verificationAge()).isAfter(situation.now());
        long minutes = Duration.between(last.get().finishedAt, situation.now()).toMinutes();
        return open(
                recent
                        ? "Verified clean " + minutes + " minutes ago."
                        : "The last clean verification is " + minutes
                                + " minutes old; the run verifies before it changes the phase.");
    }
}
