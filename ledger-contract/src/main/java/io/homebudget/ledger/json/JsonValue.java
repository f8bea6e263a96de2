package io.homebudget.ledger.json;

/**
 * One value of a JSON object as far as rules look at it: its type, and its text where it has one. Nested values are not kept.
 *
 * @param text the characters of a string, the literal of a number exactly as written, {@code true} or {@code false}; null else
 */
public record JsonValue(Type type, String text) {

    /** The types of JSON. */
    public enum Type {
        STRING("a string"),
        NUMBER("a number"),
        BOOLEAN("a boolean"),
        NULL("null"),
        OBJECT("an object"),
        ARRAY("an array");

        private final String words;

        Type(String words) {
            this.words = words;
        }

        /** The type as messages name it. */
        public String words() {
            return words;
        }
    }

    public static final JsonValue NULL = new JsonValue(Type.NULL, null);
    public static final JsonValue TRUE = new JsonValue(Type.BOOLEAN, "true");
    public static final JsonValue FALSE = new JsonValue(Type.BOOLEAN, "false");
    static final JsonValue OBJECT = new JsonValue(Type.OBJECT, null);
    static final JsonValue ARRAY = new JsonValue(Type.ARRAY, null);

    public static JsonValue string(String text) {
        return new JsonValue(Type.STRING, text);
    }

    public static JsonValue number(String literal) {
        return new JsonValue(Type.NUMBER, literal);
    }

    public boolean is(Type other) {
        return type == other;
    }

    public boolean isNull() {
        return type == Type.NULL;
    }
}
