package io.homebudget.backup.restore;

import io.homebudget.backup.jobs.Progress;
import io.homebudget.backup.ledgers.LedgerTrouble;
import io.homebudget.ledger.internal.RestoreOrder;
import io.homebudget.ledger.internal.RestoreState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Gives rows to a ledger service and has them applied. Nothing is applied before the last row was read, and with it proven. Memory is
 * two parts.
 */
public final class RowUpload {
    /** The service takes bodies of 1 MiB; a longer row is a part of its own. */
    private static final int PART = 512 << 10;

    private static final long LOOK_MILLIS = 200;
    /** A restore of a million differences takes about a minute; a service that is restarted meanwhile finishes it first. */
    private static final long LIMIT_NANOS = TimeUnit.HOURS.toNanos(1);

    private final LedgerCalls ledger;

    public RowUpload(LedgerCalls ledger) {
        this.ledger = ledger;
    }

    /**
     * @param expected about how many rows there are, for the progress
     * @return the restore when it succeeded
     * @throws IOException with the reason where it did not: the ledger is as before, or the message says that nobody knows
     */
    public RestoreState run(RestoreOrder order, RowLines rows, long expected, Progress progress)
            throws IOException, InterruptedException {
        RestoreState state = ledger.begin(order);
        ByteArrayOutputStream part = new ByteArrayOutputStream(PART);
        ByteArrayOutputStream row = new ByteArrayOutputStream();
        long sent = 0;
        long taken = 0;
        try (PartSender sender = new PartSender(ledger, state.id())) {
            while (rows.next(row)) {
                if (part.size() > 0 && part.size() + row.size() > PART) {
                    sender.send(sent, part.toByteArray());
                    part.reset();
                    sent = taken;
                    progress.at(0.7 * Math.min(1, sent / (double) Math.max(1, expected)), sent + " rows staged");
                }
                row.writeTo(part);
                row.reset();
                taken++;
            }
            if (part.size() > 0) {
                sender.send(sent, part.toByteArray());
            }
            sender.arrived();
        }
        progress.at(0.7, "applying");
        ledger.apply(state.id(), taken);
        return over(state, progress);
    }

    private RestoreState over(RestoreState begun, Progress progress) throws IOException, InterruptedException {
        long began = System.nanoTime();
        String last = "";
        while (System.nanoTime() - began < LIMIT_NANOS) {
            try {
                RestoreState state = ledger.restore(begun.id());
                if (state.state().equals("succeeded")) {
                    progress.at(1, "applied");
                    return state;
                }
                if (state.state().equals("failed")) {
                    throw new IOException("The restore of the " + ledger.kind().plural() + " failed: " + state.error());
                }
                last = state.state() + (state.error() == null ? "" : ", " + state.error());
            } catch (LedgerTrouble away) {
                if (!away.passing()) {
                    throw away;
                }
                last = away.getMessage();
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
        throw new IOException("Nobody knows what became of restore " + begun.id() + " of the "
                + ledger.kind().plural() + ": " + last);
    }
}
