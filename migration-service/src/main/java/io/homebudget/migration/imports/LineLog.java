package io.homebudget.migration.imports;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Appends JSON lines. What was appended is durable after {@link #commit()}, whose answer is the length to be remembered; opened
 * again with it, whatever was written after it is gone.
 */
final class LineLog implements Closeable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final FileChannel file;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private long length;

    LineLog(Path path, long length) throws IOException {
        this.file = FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        if (file.size() < length) {
            file.close();
            throw new IOException(path.getFileName() + " is shorter than its checkpoint says");
        }
        file.truncate(length);
        this.length = length;
    }

    void add(JsonNode line) {
        try {
            pending.writeBytes(JSON.writeValueAsString(line).getBytes(StandardCharsets.UTF_8));
            pending.write('\n');
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree that was read can be written", e);
        }
    }

    long commit() throws IOException {
        if (pending.size() > 0) {
            ByteBuffer bytes = ByteBuffer.wrap(pending.toByteArray());
            long at = length;
            while (bytes.hasRemaining()) {
                at += file.write(bytes, at);
            }
            file.force(false);
            length = at;
            pending.reset();
        }
        return length;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
