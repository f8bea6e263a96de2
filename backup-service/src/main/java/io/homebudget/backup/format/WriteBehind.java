package io.homebudget.backup.format;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Writes on a thread of its own what it is given, so that rows are packed on one processor while the next ones are checked on
 * another. At most one piece is on its way and one is being filled, so memory is two pieces.
 *
 * <p>A failure of the stream behind is told at the next piece, and at the latest by {@link #close}, which returns when everything was written
 * and the stream behind is closed. For one thread.
 */
final class WriteBehind extends OutputStream {
    /** So much that handing it over costs nothing beside packing it. */
    private static final int PIECE = 256 << 10;

    private final OutputStream behind;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
        Thread made = new Thread(task, "snapshot-packer");
        made.setDaemon(true);
        return made;
    });
    private byte[] filling = new byte[PIECE];
    private byte[] leaving = new byte[PIECE];
    private int filled;
    private Future<?> onItsWay;

    WriteBehind(OutputStream behind) {
        this.behind = behind;
    }

    @Override
    public void write(int oneByte) throws IOException {
        write(new byte[] {(byte) oneByte}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        int at = from;
        int left = length;
        while (left > 0) {
            if (filled == PIECE) {
                handOver();
            }
            int taken = Math.min(left, PIECE - filled);
            System.arraycopy(bytes, at, filling, filled, taken);
            filled += taken;
            at += taken;
            left -= taken;
        }
    }

    private void handOver() throws IOException {
        arrived();
        byte[] piece = filling;
        int length = filled;
        onItsWay = thread.submit(() -> {
            behind.write(piece, 0, length);
            return null;
        });
        filling = leaving;
        leaving = piece;
        filled = 0;
    }

    /** Waits also where it is interrupted: the stream behind must not be closed in the middle of a piece. */
    private void arrived() throws IOException {
        boolean interrupted = false;
        try {
            while (onItsWay != null) {
                try {
                    onItsWay.get();
                    onItsWay = null;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() throws IOException {
        try (behind) {
            handOver();
            arrived();
        } finally {
            thread.shutdown();
        }
    }
}
