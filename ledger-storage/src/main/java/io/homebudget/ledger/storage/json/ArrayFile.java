package io.homebudget.ledger.storage.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.store.Held;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The array that Home Budget's old backend reads and writes, byte for byte as it would write it: {@code json.dump(..., indent=2)},
 * ASCII escapes, no final newline, {@code []} when empty. Elements stand in the order of their ids, which is the order in which the
 * old backend appended them. Memory does not grow with the file.
 */
final class ArrayFile {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final int CHUNK = 1 << 16;

    private ArrayFile() {}

    /** What identifies a file's content. @param length in bytes */
    record Seal(String sha256, long length) {}

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no SHA-256, which every Java platform must have", e);
        }
    }

    /** Writes a new file, fsynced. */
    static Seal write(Disk disk, Path file, Kind kind, Iterable<Held> entries) throws IOException {
        MessageDigest digest = sha256();
        long length = 0;
        try (Disk.Writable out = disk.open(file)) {
            out.truncate(0);
            StringBuilder text = new StringBuilder(CHUNK + 4_096);
            boolean first = true;
            for (Held held : entries) {
                text.append(first ? "[\n  " : ",\n  ");
                first = false;
                EntryWriter.indented(kind, held.entry(), text);
                if (text.length() >= CHUNK) {
                    length += append(out, digest, text);
                }
            }
            text.append(first ? "[]" : "\n]");
            length += append(out, digest, text);
            out.force();
        }
        return new Seal(HexFormat.of().formatHex(digest.digest()), length);
    }

    private static int append(Disk.Writable out, MessageDigest digest, StringBuilder text) throws IOException {
        byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
        text.setLength(0);
        digest.update(bytes);
        out.append(ByteBuffer.wrap(bytes));
        return bytes.length;
    }

    static Seal seal(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = sha256();
            long length = 0;
            byte[] block = new byte[1 << 18];
            for (int read = in.read(block); read > 0; read = in.read(block)) {
                digest.update(block, 0, read);
                length += read;
            }
            return new Seal(HexFormat.of().formatHex(digest.digest()), length);
        }
    }

    /** Takes entries one by one. */
    interface Visitor {
        void entry(Entry entry) throws IOException;
    }

    /**
     * Reads an array that this store wrote.
     *
     * @throws IOException also where it is not exactly such an array
     */
    static void read(InputStream in, EntryReader entries, Visitor visitor) throws IOException {
        try (JsonParser parser = FACTORY.createParser(in)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw new IOException("the file is no JSON array");
            }
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() == null) {
                    throw new IOException("the array does not end");
                }
                Entry entry = entries.read(parser);
                if (entry == null) {
                    throw new IOException("an element of the array is null");
                }
                visitor.entry(entry);
            }
            if (parser.nextToken() != null) {
                throw new IOException("something stands behind the array");
            }
        }
    }
}
