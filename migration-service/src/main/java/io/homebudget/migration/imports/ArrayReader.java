package io.homebudget.migration.imports;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.InputStream;

/** Reads a JSON array. A body that is no JSON is refused as a whole, with the line: behind it nothing can be told apart. */
final class ArrayReader implements ItemReader {
    private final JsonParser parser;
    private boolean begun;
    private boolean ended;

    ArrayReader(InputStream in) throws IOException {
        parser = RecordTree.FACTORY.createParser(in);
    }

    @Override
    public Item next() throws IOException, Unreadable {
        try {
            return read();
        } catch (JsonProcessingException | CharConversionException e) {
            String why = e instanceof JsonProcessingException json ? json.getOriginalMessage() : "it is not UTF-8";
            throw new Unreadable("line " + parser.currentLocation().getLineNr() + ": no JSON array: " + why);
        }
    }

    private Item read() throws IOException, Unreadable {
        if (ended) {
            return null;
        }
        if (!begun) {
            begun = true;
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw new Unreadable("line 1: a JSON array must begin with [");
            }
        }
        JsonToken token = parser.nextToken();
        if (token == JsonToken.END_ARRAY) {
            if (parser.nextToken() != null) {
                throw new Unreadable(
                        "line " + parser.currentTokenLocation().getLineNr() + ": something follows behind the array");
            }
            ended = true;
            return null;
        }
        if (token == null) {
            throw new Unreadable("line " + parser.currentLocation().getLineNr() + ": the array is not closed");
        }
        long line = parser.currentTokenLocation().getLineNr();
        long from = parser.currentTokenLocation().getByteOffset();
        RecordTree.Read read = RecordTree.read(parser);
        return item(line, read, (int)
                Math.min(Integer.MAX_VALUE, parser.currentLocation().getByteOffset() - from));
    }

    /** The item for what was read as JSON; shared with lines. */
    static Item item(long line, RecordTree.Read read, int size) {
        if (!(read.tree() instanceof ObjectNode record)) {
            return new Item.Bad(line, null, "a record must be a JSON object", read.tree(), null);
        }
        if (read.oddNumber() != null) {
            return new Item.Bad(line, read.oddNumber(), "must be a number of ordinary size", record, null);
        }
        return size > LONGEST
                ? new Item.Bad(line, null, "must not be longer than " + LONGEST + " bytes", record, null)
                : new Item.Good(line, record, record, size);
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
