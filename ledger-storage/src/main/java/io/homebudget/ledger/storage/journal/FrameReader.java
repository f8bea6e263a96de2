package io.homebudget.ledger.storage.journal;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Reads frames one after the other, in memory bounded by the longest frame. Its file may be renamed or deleted meanwhile: what
 * was open stays readable.
 */
public final class FrameReader implements Closeable {

    /** How reading ended. */
    public enum End {
        /** At the end of the file, behind a whole frame. */
        CLEAN,
        /** In a frame shorter than its header says, or in zeros: what a crash leaves. It can be cut off. */
        TORN
    }

    private final Path file;
    private final FileChannel channel;
    private InputStream in;
    private long offset;
    private long limit;
    private End end;
    private long lastNumber = -1;

    public FrameReader(Path file) throws IOException {
        this.file = file;
        this.channel = FileChannel.open(file, StandardOpenOption.READ);
        this.limit = channel.size();
        from(0);
    }

    /** Goes on at a frame's first byte. */
    public FrameReader from(long newOffset) throws IOException {
        channel.position(newOffset);
        in = new BufferedInputStream(Channels.newInputStream(channel), 1 << 16);
        offset = newOffset;
        end = null;
        return this;
    }

    /** Looks at nothing behind this byte: what is there is not durable yet. */
    public FrameReader limit(long newLimit) {
        limit = Math.min(limit, newLimit);
        return this;
    }

    public Path file() {
        return file;
    }

    /** The byte behind the last whole frame. */
    public long offset() {
        return offset;
    }

    /** Null until {@link #next} answered null. */
    public End end() {
        return end;
    }

    /**
     * The next frame; null at the end, see {@link #end}.
     *
     * @throws RecoveryRequired where the bytes are all there and wrong
     */
    public Frame next() throws IOException {
        long left = limit - offset;
        if (left <= 0) {
            end = End.CLEAN;
            return null;
        }
        byte[] header = in.readNBytes((int) Math.min(FrameBuffer.HEADER, left));
        if (header.length < FrameBuffer.HEADER) {
            end = End.TORN;
            return null;
        }
        ByteBuffer fields = ByteBuffer.wrap(header);
        int magic = fields.getInt();
        if (magic != FrameBuffer.MAGIC
                || fields.getInt(FrameBuffer.HEADER - 4) != FrameBuffer.headerChecksum(header, 0)) {
            if (zerosFrom(header)) {
                end = End.TORN;
                return null;
            }
            throw damage("the header of a record is damaged");
        }
        FrameType type = FrameType.ofCode(header[4]).orElse(null);
        long number = fields.getLong(8);
        int length = fields.getInt(16);
        if (length < 0 || length > FrameBuffer.MAX_PAYLOAD) {
            throw damage("a record says it is " + length + " bytes long");
        }
        if (left - FrameBuffer.HEADER < length) {
            end = End.TORN;
            return null;
        }
        byte[] payload = in.readNBytes(length);
        if (payload.length < length) {
            end = End.TORN;
            return null;
        }
        if (fields.getInt(20) != FrameBuffer.frameChecksum(header, payload)) {
            throw damage("the checksum of record " + number + " is wrong");
        }
        if (type == null) {
            throw new RecoveryRequired(
                    file,
                    offset,
                    "record " + number + " is of type " + header[4] + ", which this version does not know",
                    "It was written by a newer version: start that one.");
        }
        Frame frame = new Frame(type, number, payload, offset);
        offset += FrameBuffer.HEADER + (long) length;
        return frame;
    }

    /**
     * The next frame if its number is at most {@code last}; null at the end of those, whatever stands behind them. A journal that
     * is being written can be read so: what is not durable is not looked at.
     */
    public Frame nextUpTo(long last) throws IOException {
        if (lastNumber >= last) {
            return null;
        }
        Frame frame = next();
        if (frame == null || frame.number() > last) {
            return null;
        }
        lastNumber = frame.type() == FrameType.SEGMENT_HEADER ? frame.number() - 1 : frame.number();
        return frame;
    }

    private boolean zerosFrom(byte[] header) throws IOException {
        if (!zeros(header, header.length)) {
            return false;
        }
        byte[] block = new byte[1 << 16];
        for (int read = in.read(block); read >= 0; read = in.read(block)) {
            if (!zeros(block, read)) {
                return false;
            }
        }
        return true;
    }

    private static boolean zeros(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private RecoveryRequired damage(String what) {
        return new RecoveryRequired(
                file,
                offset,
                what,
                "Nothing was changed. Restore a snapshot, or look at it with `ctl journal inspect`.");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
