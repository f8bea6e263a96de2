package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteOutcome.NotWritten;
import io.homebudget.ledger.storage.store.WriteOutcome.Unknown;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;

/**
 * Says in the log why writes were not made, or got no answer: clients are told only that. One line in five seconds at most, with the
 * newest reason and how many there were since the line before, because in an outage every write has the same one. Reasons hold
 * no values of entries.
 */
final class WriteTroubles {
    private static final Logger LOG = Logger.getLogger(WriteTroubles.class);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final AtomicLong nextLine = new AtomicLong(System.nanoTime());
    private final AtomicLong untold = new AtomicLong();

    void saw(WriteOutcome outcome) {
        if (outcome instanceof NotWritten refused) {
            tell("not written", refused.why());
        } else if (outcome instanceof Unknown unknown) {
            tell("of unknown outcome", unknown.why());
        }
    }

    private void tell(String what, String why) {
        untold.incrementAndGet();
        long now = System.nanoTime();
        long due = nextLine.get();
        if (now - due >= 0 && nextLine.compareAndSet(due, now + PAUSE_NANOS)) {
            LOG.warnv(
                    "{0} writes failed since the last such line, the newest is {1}: {2}",
                    untold.getAndSet(0), what, why);
        }
    }
}
