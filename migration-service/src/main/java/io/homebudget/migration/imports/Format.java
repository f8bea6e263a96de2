package io.homebudget.migration.imports;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The three shapes in which foreign data may come. */
enum Format {
    ARRAY,
    NDJSON,
    CSV;

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Format ofWord(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    /**
     * What a body is: CSV where the type says so, else by its first character, because what clients call JSON is an array as
     * often as lines.
     *
     * @param contentType null where none was sent
     */
    static Format of(String contentType, Path body) throws IOException {
        String type = contentType == null ? "" : contentType.toLowerCase(Locale.ROOT);
        if (type.startsWith("text/csv")) {
            return CSV;
        }
        int first = firstCharacter(body);
        if (first == '[') {
            return ARRAY;
        }
        return first == '{' || type.contains("json") ? NDJSON : CSV;
    }

    private static int firstCharacter(Path body) throws IOException {
        try (InputStream in = open(body)) {
            int one = in.read();
            while (one == ' ' || one == '\t' || one == '\r' || one == '\n') {
                one = in.read();
            }
            return one;
        }
    }

    /** The bytes without a byte order mark. */
    static InputStream open(Path body) throws IOException {
        BufferedInputStream in = new BufferedInputStream(Files.newInputStream(body), 1 << 16);
        in.mark(3);
        boolean mark = in.read() == 0xEF && in.read() == 0xBB && in.read() == 0xBF;
        if (!mark) {
            in.reset();
        }
        return in;
    }
}
