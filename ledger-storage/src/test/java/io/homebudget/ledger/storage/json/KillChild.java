package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.store.WriteOutcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/** Writes as fast as it can and says what was acknowledged, until somebody kills it. */
final class KillChild {
    private KillChild() {}

    public static void main(String[] args) throws Exception {
        JsonStoreConfig config = Stores.config(Path.of(args[0]))
                .withTimes(Duration.ofMillis(5), Duration.ZERO, Duration.ofSeconds(5))
                .withLogLimits(64 << 10, 1 << 20, 1_000_000);
        JsonStore store = Stores.ruling(Stores.open(config, Disk.REAL));
        Semaphore inFlight = new Semaphore(16);
        for (long i = 0; ; i++) {
            inFlight.acquire();
            boolean edit = i % 3 == 2;
            store.write(edit ? Stores.amount(1 + i % 7, i) : Stores.create(args[1] + "-" + i), 1)
                    .subscribe()
                    .with(outcome -> {
                        inFlight.release();
                        if (outcome instanceof WriteOutcome.Written written) {
                            var change = written.set().changes().get(0);
                            synchronized (KillChild.class) {
                                System.out.println(change.entryId() + " " + change.version() + " " + change.id());
                                System.out.flush();
                            }
                        }
                    });
            if (i % 50 == 49) {
                store.cutLog(i / 2).subscribe().with(done -> {}, failed -> {});
            }
        }
    }
}
