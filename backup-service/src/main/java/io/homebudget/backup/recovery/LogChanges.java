package io.homebudget.backup.recovery;

import io.homebudget.backup.restore.LedgerCalls;
import io.homebudget.ledger.internal.LogPage;
import io.homebudget.ledger.internal.LoggedSet;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The changes from the ledger's own log, page after page, up to its head.
 *
 * <p>A page without sets is not the end while the head is beyond it: a position before what is there may still be in flight (A22).
 * Then the log is asked again, until it goes on or {@link #PATIENCE} has passed.
 */
public final class LogChanges implements Changes {
    /** A page is about a megabyte. */
    private static final int PAGE = 2_000;

    /** Longer than any transaction of the ledger may take. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;

    private final LedgerCalls ledger;
    private final Duration patience;

    public LogChanges(LedgerCalls ledger) {
        this(ledger, PATIENCE);
    }

    LogChanges(LedgerCalls ledger, Duration patience) {
        this.ledger = ledger;
        this.patience = patience;
    }

    @Override
    public String name() {
        return "the log of " + ledger.kind().word() + "-service";
    }

    @Override
    public void after(long after, Taker taker) throws IOException, InterruptedException {
        long at = after;
        // asked before as well: the service tells what it has seen a moment ago, and looks anew when it is asked
        long head = ledger.state().head();
        Waiting waiting = new Waiting();
        while (true) {
            LogPage page = ledger.log(at, PAGE);
            if (page.cut()) {
                throw new MissingChanges("the log of the " + ledger.kind().plural()
                        + " was cut: changes after position " + at + " are no more in it");
            }
            for (LoggedSet set : page.sets()) {
                if (!taker.take(set)) {
                    return;
                }
            }
            if (page.through() > at) {
                at = page.through();
                waiting = new Waiting();
                continue;
            }
            head = Math.max(head, ledger.state().head());
            if (at >= head) {
                return;
            }
            waiting.once(at, head);
        }
    }

    /** For what is in flight at one position. */
    private final class Waiting {
        private final long since = System.nanoTime();
        private long pause = FIRST_PAUSE_MILLIS;

        void once(long at, long head) throws SourceAway, InterruptedException {
            if (System.nanoTime() - since > patience.toNanos()) {
                throw new SourceAway("the log of the " + ledger.kind().plural() + " does not go on from position " + at
                        + " to its head at " + head + ": a write is still in flight. Repeat later");
            }
            TimeUnit.MILLISECONDS.sleep(pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
    }
}
