package io.homebudget.backup.format;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A thread that works at one piece while the next one is prepared: two processors for what has two halves. At most one piece is on
 * its way, so memory is two of them. What a piece did is seen by whoever waited for it.
 *
 * <p>A failure is told by the next {@link #handOver} or {@link #arrived}, or by closing. After one nothing more is worked at: what follows
 * a hole is worth nothing. For one thread.
 */
public final class Behind implements AutoCloseable {
    private final ExecutorService thread;
    private Future<?> onItsWay;
    private Throwable failure;

    /** @param name of the thread */
    public Behind(String name) {
        thread = Executors.newSingleThreadExecutor(task -> {
            Thread made = new Thread(task, name);
            made.setDaemon(true);
            return made;
        });
    }

    /** Waits for the piece before. */
    public void handOver(Callable<?> piece) throws IOException {
        arrived();
        onItsWay = thread.submit(piece);
    }

    /** Returns when nothing is on its way; also where it is interrupted, since nobody may touch what is being worked at. */
    public void arrived() throws IOException {
        if (failure != null) {
            // another one each time: nobody can suppress an exception in favour of itself
            throw new IOException("a piece before this one failed", failure);
        }
        await();
        if (failure instanceof IOException told) {
            throw told;
        }
        if (failure instanceof RuntimeException told) {
            throw told;
        }
        if (failure instanceof Error told) {
            throw told;
        }
        if (failure != null) {
            throw new IOException(failure);
        }
    }

    private void await() {
        boolean interrupted = false;
        Future<?> piece = onItsWay;
        onItsWay = null;
        while (piece != null) {
            try {
                piece.get();
                piece = null;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                failure = e.getCause();
                piece = null;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        try {
            if (onItsWay != null) {
                arrived();
            }
        } finally {
            thread.shutdown();
        }
    }
}
