package io.homebudget.ledger.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.homebudget.ledger.error.Fault;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.error.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads request bodies as JSON (RFC 8259) and nothing else: no NaN or Infinity, no comments, nothing behind the value but
 * white space, no invalid UTF-8. Never throws, whatever the bytes; time and memory are linear in their number, and nesting is
 * bounded. Of repeated keys the last one wins, as in the old backend.
 *
 * <p>Refusals have the old backend's words ({@code json_invalid}, {@code missing} ...).
 */
public final class JsonBodies {
    /** How deep arrays and objects may lie in each other; the old backend's parser stops at about the same depth. */
    public static final int MAX_NESTING = 1_000;

    private static final char BYTE_ORDER_MARK = '\uFEFF';
    private static final char REPLACEMENT = '\uFFFD';

    /** Lengths are bounded by the request body's limit; numbers and names are never turned into anything while reading. */
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private JsonBodies() {}

    /** The values of those {@code keys} that the body's object has; everything else in it is read over. */
    public static Verdict<Map<String, JsonValue>> object(byte[] body, Set<String> keys) {
        return read(body, parser -> {
            JsonToken first = parser.nextToken();
            if (first != JsonToken.START_OBJECT) {
                return notAnObject(parser, first);
            }
            Map<String, JsonValue> values = new HashMap<>(16);
            for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
                JsonToken token = parser.nextToken();
                if (keys.contains(key)) {
                    values.put(key, value(parser, token));
                } else {
                    parser.skipChildren();
                }
            }
            return Verdict.accept(values);
        });
    }

    /**
     * The integers of the array under {@code key}, in their order. An integer is one by value: {@code 5.0} is 5.
     *
     * @return integers of any size; those beyond 10^40 are cut to that
     */
    public static Verdict<List<BigInteger>> integers(byte[] body, String key) {
        return read(body, parser -> {
            JsonToken first = parser.nextToken();
            if (first != JsonToken.START_OBJECT) {
                return notAnObject(parser, first);
            }
            Verdict<List<BigInteger>> found =
                    Verdict.refuse(Refusal.malformed(Fault.inBody(key, "Field required", "missing")));
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                JsonToken token = parser.nextToken();
                if (!name.equals(key)) {
                    parser.skipChildren();
                } else if (token != JsonToken.START_ARRAY) {
                    JsonValue.Type type = value(parser, token).type();
                    found = Verdict.refuse(Refusal.malformed(
                            Fault.inBody(key, "Input should be a valid list; it is " + type.words(), "list_type")));
                } else {
                    found = elements(parser, key);
                }
            }
            return found;
        });
    }

    private static Verdict<List<BigInteger>> elements(JsonParser parser, String key) throws IOException {
        List<BigInteger> integers = new ArrayList<>();
        List<Fault> faults = new ArrayList<>();
        int index = 0;
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken(), index++) {
            JsonValue value = value(parser, token);
            BigInteger integer = value.is(JsonValue.Type.NUMBER) ? JsonNumbers.integer(value.text()) : null;
            if (integer != null) {
                integers.add(integer);
            } else if (faults.size() < 100) {
                faults.add(notAnInteger(List.of("body", key, index), value));
            }
        }
        return faults.isEmpty()
                ? Verdict.accept(integers)
                : Verdict.refuse(
                        new Refusal(LedgerError.MALFORMED, faults.get(0).msg(), faults));
    }

    private static Fault notAnInteger(List<Object> loc, JsonValue value) {
        return switch (value.type()) {
            case STRING ->
                new Fault(loc, "Input should be a valid integer, unable to parse string as an integer", "int_parsing");
            case NUMBER ->
                new Fault(
                        loc, "Input should be a valid integer, got a number with a fractional part", "int_from_float");
            default ->
                new Fault(
                        loc,
                        "Input should be a valid integer; it is " + value.type().words(),
                        "int_type");
        };
    }

    private static <T> Verdict<T> notAnObject(JsonParser parser, JsonToken first) throws IOException {
        if (first == null || first == JsonToken.VALUE_NULL) {
            return refuse(List.of("body"), "Field required", "missing");
        }
        JsonValue.Type type = value(parser, first).type();
        return refuse(
                List.of("body"),
                "Input should be a valid dictionary or object to extract fields from; it is " + type.words(),
                "model_attributes_type");
    }

    private static JsonValue value(JsonParser parser, JsonToken token) throws IOException {
        if (token == null) {
            throw new UncheckedIOException(new IOException("unexpected end"));
        }
        switch (token) {
            case VALUE_STRING:
                return JsonValue.string(parser.getText());
            case VALUE_NUMBER_INT:
            case VALUE_NUMBER_FLOAT:
                return JsonValue.number(parser.getText());
            case VALUE_TRUE:
                return JsonValue.TRUE;
            case VALUE_FALSE:
                return JsonValue.FALSE;
            case VALUE_NULL:
                return JsonValue.NULL;
            case START_OBJECT:
                parser.skipChildren();
                return JsonValue.OBJECT;
            default:
                parser.skipChildren();
                return JsonValue.ARRAY;
        }
    }

    private interface Reading<T> {
        Verdict<T> from(JsonParser parser) throws IOException;
    }

    private static <T> Verdict<T> read(byte[] body, Reading<T> reading) {
        String text = decode(body);
        if (text == null) {
            return refuse(List.of("body"), "JSON decode error: the body is not valid UTF-8", "json_invalid");
        }
        try (JsonParser parser = FACTORY.createParser(text)) {
            Verdict<T> verdict = reading.from(parser);
            // Whatever the verdict so far: a body that is no JSON to its end is refused as such.
            if (parser.currentToken() != null && parser.nextToken() != null) {
                return notJson(parser.currentTokenLocation().getCharOffset());
            }
            return verdict;
        } catch (JsonProcessingException e) {
            return notJson(e.getLocation() == null ? 0 : e.getLocation().getCharOffset());
        } catch (IOException | UncheckedIOException e) {
            return notJson(text.length());
        }
    }

    /** The text of strictly valid UTF-8, without its byte order mark; null for anything else. */
    private static String decode(byte[] body) {
        // The JDK's own decoder is by far the fastest one, but marks what is invalid instead of telling.
        String text = new String(body, StandardCharsets.UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0) {
            try {
                text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(body))
                        .toString();
            } catch (CharacterCodingException e) {
                return null;
            }
        }
        return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
    }

    private static <T> Verdict<T> notJson(long offset) {
        return refuse(List.of("body", Math.max(0, offset)), "JSON decode error", "json_invalid");
    }

    private static <T> Verdict<T> refuse(List<Object> loc, String msg, String type) {
        return Verdict.refuse(Refusal.malformed(new Fault(loc, msg, type)));
    }
}
