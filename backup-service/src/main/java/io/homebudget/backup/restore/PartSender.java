package io.homebudget.backup.restore;

import io.homebudget.ledger.internal.RestoreState;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Sends parts one after the other, each while the next one is being read. At most one is on its way, so a failure is told at the next
 * call, and memory is two parts.
 */
final class PartSender implements AutoCloseable {
    private final LedgerCalls ledger;
    private final UUID restore;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread made = new Thread(task, "restore-upload");
        made.setDaemon(true);
        return made;
    });
    private Future<RestoreState> onItsWay;

    PartSender(LedgerCalls ledger, UUID restore) {
        this.ledger = ledger;
        this.restore = restore;
    }

    /** Returns when the part before has arrived. @param from how many rows were sent before */
    void send(long from, byte[] lines) throws IOException, InterruptedException {
        arrived();
        onItsWay = thread.submit(() -> ledger.rows(restore, from, lines));
    }

    /** Returns when everything has arrived. Each call has its limit, and so has the waiting. */
    void arrived() throws IOException, InterruptedException {
        if (onItsWay == null) {
            return;
        }
        try {
            onItsWay.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            if (e.getCause() instanceof InterruptedException) {
                throw new InterruptedException("the upload was interrupted");
            }
            throw new IllegalStateException("a part could not be sent", e.getCause());
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
