package io.homebudget.backup.restore;

import io.homebudget.backup.jobs.Progress;
import io.homebudget.backup.ledgers.LedgerTrouble;
import io.homebudget.ledger.internal.RestoreOrder;
import io.homebudget.ledger.internal.RestoreState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Gives rows to a ledger service and has them applied: two steps, so that the rows of several ledgers can all be staged before the
 * first of them is applied. What is staged was read to its end, and with that proven. Memory is two parts.
 */
public final class RowUpload {
    /**
     * A longer row is a part of its own. The service takes bodies of 2 MiB, and no row is much longer than half of that; one that came
     * from an array file before notes had a limit may be, and is refused.
     */
    private static final int PART = 512 << 10;

    private static final long LOOK_MILLIS = 200;
    /** A restore of a million differences takes about a minute; a service that is restarted meanwhile finishes it first. */
    private static final long LIMIT_NANOS = TimeUnit.HOURS.toNanos(1);

    private final LedgerCalls ledger;

    public RowUpload(LedgerCalls ledger) {
        this.ledger = ledger;
    }

    /** Rows that lie in the ledger service and change nothing yet. */
    public record Staged(RestoreState restore, long rows) {}

    /**
     * Changes nothing. Where it fails, nothing stays with the service, as far as that could still be told it.
     *
     * @param expected about how many rows there are, for the progress
     */
    public Staged stage(RestoreOrder order, RowLines rows, long expected, Progress progress)
            throws IOException, InterruptedException {
        RestoreState state = ledger.begin(order);
        try {
            return new Staged(state, sent(state, rows, expected, progress));
        } catch (IOException | InterruptedException | RuntimeException failure) {
            discard(state, failure);
            throw failure;
        }
    }

    /** Sends all rows. @return how many there are */
    private long sent(RestoreState state, RowLines rows, long expected, Progress progress)
            throws IOException, InterruptedException {
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
                    progress.at(Math.min(1, sent / (double) Math.max(1, expected)), sent + " rows staged");
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
        progress.at(1, taken + " rows staged");
        return taken;
    }

    /**
     * Has the service remove what was staged, because of a failure. One that is applied already, or about to be, is left alone.
     *
     * @param because is told what hinders it
     */
    public void discard(Staged staged, Exception because) {
        discard(staged.restore(), because);
    }

    private void discard(RestoreState state, Exception because) {
        try {
            ledger.discard(state.id());
        } catch (IOException | RuntimeException e) {
            // the rows stay on the ledger's disk until the next restore begins
            because.addSuppressed(e);
        } catch (InterruptedException e) {
            because.addSuppressed(e);
            Thread.currentThread().interrupt();
        }
    }

    /**
     * @return the restore when it succeeded
     * @throws IOException with the reason where it did not: the ledger is as before, or the message says that nobody knows
     */
    public RestoreState apply(Staged staged, Progress progress) throws IOException, InterruptedException {
        progress.at(0, "applying");
        ledger.apply(staged.restore().id(), staged.rows());
        return over(staged.restore(), progress);
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
