package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.store.WriteOutcome;
import java.nio.file.Path;

/** Writes until the operating system has no room any more, says what was acknowledged and how the rest was answered, and dies. */
final class FullDiskChild {
    /** More than fits. */
    private static final int MOST = 20_000;

    private FullDiskChild() {}

    public static void main(String[] args) {
        JsonStore store = Stores.ruling(Stores.open(Stores.config(Path.of(args[0])), Disk.REAL));
        int refused = 0;
        for (int i = 0; i < MOST && refused < 5; i++) {
            WriteOutcome outcome = Stores.write(store, Stores.create("note " + i));
            if (outcome instanceof WriteOutcome.Written written) {
                System.out.println("written " + written.set().changes().get(0).entryId());
            } else {
                refused++;
                System.out.println(outcome.getClass().getSimpleName() + " served "
                        + Stores.all(store).size());
            }
        }
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }
}
