package io.homebudget.backup.format;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A new file whose sums are taken as it is written; closing fsyncs it. Give it pieces, not single bytes. */
final class SummedFile extends OutputStream {
    private final FileChannel channel;
    private final String path;
    private final FileSummer summer = new FileSummer();
    private FileSum sum;

    SummedFile(Path folder, String path) throws IOException {
        this.path = path;
        channel = Durable.create(folder.resolve(path));
    }

    @Override
    public void write(int oneByte) throws IOException {
        write(new byte[] {(byte) oneByte}, 0, 1);
    }

    @Override
    public void write(byte[] piece, int from, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(piece, from, length);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        summer.write(piece, from, length);
    }

    /** Only after closing. */
    FileSum sum() {
        if (sum == null) {
            throw new IllegalStateException(path + " is not closed");
        }
        return sum;
    }

    @Override
    public void close() throws IOException {
        if (sum != null) {
            return;
        }
        try (channel) {
            channel.force(true);
        }
        sum = summer.finish(path);
    }
}
