package io.homebudget.ledger.storage.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Frames in the making, to be written in one go.
 *
 * <p>A frame is a header of {@value #HEADER} bytes and a payload. The header: magic (4), type (1), three zeros, number (8),
 * length of the payload (4), CRC-32C of everything before it and of the payload (4), CRC-32C of the header itself (4). The header
 * has a checksum of its own so that a flipped bit in the length is never taken for a torn tail, which would be cut off.
 */
public final class FrameBuffer {
    public static final int HEADER = 28;
    /** "HBF1" */
    static final int MAGIC = 0x48424631;
    /** No frame is longer; a header that says more is damage. */
    public static final int MAX_PAYLOAD = 256 << 20;

    private static final int CRC_FROM = 20;
    private byte[] bytes;
    private int size;

    public FrameBuffer(int capacity) {
        bytes = new byte[capacity];
    }

    public int size() {
        return size;
    }

    public void clear() {
        size = 0;
        if (bytes.length > 8 << 20) {
            bytes = new byte[1 << 20];
        }
    }

    /** Forgets what was added after the given size. */
    public void backTo(int earlierSize) {
        size = earlierSize;
    }

    public void add(FrameType type, long number, CharSequence text) {
        add(type, number, text.toString().getBytes(StandardCharsets.UTF_8));
    }

    public void add(FrameType type, long number, byte[] payload) {
        add(type, number, payload, payload.length);
    }

    public void add(FrameType type, long number, byte[] payload, int length) {
        if (length > MAX_PAYLOAD) {
            throw new IllegalArgumentException("a frame of " + length + " bytes is longer than " + MAX_PAYLOAD);
        }
        ensure(HEADER + length);
        ByteBuffer header = ByteBuffer.wrap(bytes, size, HEADER);
        header.putInt(MAGIC).putInt(type.code() << 24).putLong(number).putInt(length);
        System.arraycopy(payload, 0, bytes, size + HEADER, length);
        CRC32C crc = new CRC32C();
        crc.update(bytes, size, CRC_FROM);
        crc.update(payload, 0, length);
        header.putInt((int) crc.getValue());
        header.putInt(headerChecksum(bytes, size));
        size += HEADER + length;
    }

    /** What is in here, to be read by the caller before the next change. */
    public ByteBuffer content() {
        return ByteBuffer.wrap(bytes, 0, size);
    }

    static int headerChecksum(byte[] bytes, int offset) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, CRC_FROM + 4);
        return (int) crc.getValue();
    }

    static int frameChecksum(byte[] header, byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(header, 0, CRC_FROM);
        crc.update(payload, 0, payload.length);
        return (int) crc.getValue();
    }

    private void ensure(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(
                    bytes, Math.max(Math.addExact(size, more), (int) Math.min(bytes.length * 2L, 1 << 30)));
        }
    }
}
