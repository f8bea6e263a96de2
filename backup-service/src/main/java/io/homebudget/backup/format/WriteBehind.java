package io.homebudget.backup.format;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes on a thread of its own what it is given, so that rows are packed on one processor while the next ones are checked on
 * another.
 *
 * <p>A failure of the stream behind is told at the next piece, and at the latest by {@link #close}, which returns when everything was written
 * and the stream behind is closed. For one thread.
 */
final class WriteBehind extends OutputStream {
    /** So much that handing it over costs nothing beside packing it. */
    private static final int PIECE = 256 << 10;

    private final OutputStream behind;
    private final Behind packer = new Behind("snapshot-packer");
    private byte[] filling = new byte[PIECE];
    private byte[] leaving = new byte[PIECE];
    private int filled;

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
        byte[] piece = filling;
        int length = filled;
        packer.handOver(() -> {
            behind.write(piece, 0, length);
            return null;
        });
        filling = leaving;
        leaving = piece;
        filled = 0;
    }

    @Override
    public void close() throws IOException {
        try (behind;
                packer) {
            handOver();
        }
    }
}
