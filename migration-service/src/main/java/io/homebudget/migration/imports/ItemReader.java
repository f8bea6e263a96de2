package io.homebudget.migration.imports;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Reads a body record by record, holding one in memory at a time. Reading the same body again gives the same items: an import
 * that was killed relies on it.
 */
interface ItemReader extends Closeable {
    /** The longest record, in bytes: far above any entry, far below what would hurt. */
    int LONGEST = 1_000_000;

    /** @return null at the end */
    Item next() throws IOException, Unreadable;

    static ItemReader of(Format format, Path body) throws IOException, Unreadable {
        return switch (format) {
            case ARRAY -> new ArrayReader(Format.open(body));
            case NDJSON -> new LinesReader(Format.open(body));
            case CSV -> new TableReader(body);
        };
    }
}
