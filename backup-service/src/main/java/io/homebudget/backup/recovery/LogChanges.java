package io.homebudget.backup.recovery;

import io.homebudget.backup.restore.LedgerCalls;
import io.homebudget.ledger.internal.LogPage;
import io.homebudget.ledger.internal.LoggedSet;
import java.io.IOException;

/** The changes from the ledger's own log, page after page, up to its head. */
public final class LogChanges implements Changes {
    /** A page is about a megabyte. */
    private static final int PAGE = 2_000;

    private final LedgerCalls ledger;

    public LogChanges(LedgerCalls ledger) {
        this.ledger = ledger;
    }

    @Override
    public String name() {
        return "the log of " + ledger.kind().word() + "-service";
    }

    @Override
    public void after(long after, Taker taker) throws IOException, InterruptedException {
        long at = after;
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
            if (page.through() <= at) {
                return;
            }
            at = page.through();
        }
    }
}
