package io.homebudget.migration.imports;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads one JSON object per line; a broken line is refused and the next one read. A line of an earlier import's rejects is
 * taken for the record that it holds, so that a mended file of rejects can be imported as it is.
 */
final class LinesReader implements ItemReader {
    private final InputStream in;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(1 << 12);
    private long number;

    LinesReader(InputStream in) {
        this.in = in;
    }

    @Override
    public Item next() throws IOException {
        while (true) {
            boolean tooLong = readLine();
            if (line.size() == 0 && !tooLong && ended) {
                return null;
            }
            number++;
            if (tooLong) {
                return new Item.Bad(number, null, "must not be longer than " + LONGEST + " bytes", null, "");
            }
            String text;
            try {
                text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(line.toByteArray()))
                        .toString()
                        .strip();
            } catch (CharacterCodingException e) {
                return new Item.Bad(number, null, "must be UTF-8", null, line.toString(StandardCharsets.UTF_8));
            }
            if (!text.isEmpty()) {
                return item(text);
            }
        }
    }

    private boolean ended;

    /** @return whether the line was longer than may be; the rest of it is skipped then */
    private boolean readLine() throws IOException {
        line.reset();
        boolean tooLong = false;
        int one = in.read();
        while (one >= 0 && one != '\n') {
            if (line.size() < LONGEST) {
                line.write(one);
            } else {
                tooLong = true;
            }
            one = in.read();
        }
        ended = one < 0;
        return tooLong;
    }

    private Item item(String text) throws IOException {
        try {
            RecordTree.Read read = parse(text);
            if (Reject.isOne(read.tree())) {
                ObjectNode reject = (ObjectNode) read.tree();
                read = reject.hasNonNull(Reject.RECORD)
                        ? parse(reject.get(Reject.RECORD).toString())
                        : parse(reject.path(Reject.TEXT).asText());
            }
            return ArrayReader.item(number, read, text.length());
        } catch (JsonProcessingException e) {
            return new Item.Bad(number, null, "must be a JSON object: " + e.getOriginalMessage(), null, text);
        }
    }

    private static RecordTree.Read parse(String text) throws IOException {
        try (JsonParser parser = RecordTree.FACTORY.createParser(text)) {
            if (parser.nextToken() == null) {
                throw new com.fasterxml.jackson.core.JsonParseException(parser, "nothing is there");
            }
            RecordTree.Read read = RecordTree.read(parser);
            if (parser.nextToken() != null) {
                throw new com.fasterxml.jackson.core.JsonParseException(parser, "something follows behind the object");
            }
            return read;
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
