package io.homebudget.ledger.storage.breakglass;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import io.homebudget.ledger.storage.json.RecordedRule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Prints the phase that a data folder records, without the service; {@code ctl export} takes the store from it. Read-only.
 *
 * <p>Status 0: the phase's name is all of the output. 1: it cannot be known, and why is said on the standard error.
 */
public final class RecordedPhase {
    private RecordedPhase() {}

    /** {@code KIND FOLDER} */
    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[1]);
        try {
            Optional<Rule> rule =
                    RecordedRule.of(folder, Kind.ofWord(arguments[0]).orElseThrow());
            if (rule.isEmpty()) {
                System.err.println(folder + " records no phase: no service has served from it yet.");
                System.exit(1);
            }
            System.out.println(rule.get().phase());
        } catch (RecoveryRequired | IOException unreadable) {
            System.err.println("The phase cannot be read: " + unreadable.getMessage());
            System.exit(1);
        }
    }
}
