package io.homebudget.ledger.entry;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.ledger.error.Fault;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.error.Verdict;
import io.homebudget.ledger.json.JsonBodies;
import io.homebudget.ledger.json.JsonValue;
import io.homebudget.ledger.json.JsonValue.Type;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What an entry may be. Validation lives here once, before any store is asked, so no store can take what the other refuses
 * (A10) and a call gets the same answer in every phase (A14). Never throws for anything that a client can send.
 *
 * <p>Shape is told apart from value because of the order of checks that clients see: what cannot be read (syntax, a wrong
 * JSON type) is refused before the entry is looked up; what breaks a rule only after it was found. The second part is therefore
 * handed on as a verdict within the verdict, and the store decides when it counts.
 */
public final class EntryRules {
    private static final Set<String> PATCH_KEYS = Set.of("field", "value");

    private final Kind kind;
    private final FieldRules fieldRules;
    private final List<Field> fields;
    private final Set<String> keys;

    /** @param defaultCurrency for entries that come without one; must itself be a legal currency */
    public EntryRules(Kind kind, String defaultCurrency) {
        this.kind = Objects.requireNonNull(kind, "kind");
        this.fieldRules = new FieldRules(defaultCurrency);
        List<Field> own = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Field field : Field.values()) {
            if (kind.has(field)) {
                own.add(field);
                names.add(field.key());
            }
        }
        this.fields = List.copyOf(own);
        this.keys = Set.copyOf(names);
    }

    public Kind kind() {
        return kind;
    }

    /** A new entry from a request body, with id 0; unknown fields and {@code id} are ignored. Names every broken rule. */
    public Verdict<Entry> create(byte[] body) {
        Verdict<Map<String, JsonValue>> read = JsonBodies.object(body, keys);
        return read.accepted() ? draft(read.value(), 0) : Verdict.refuse(read.refusal());
    }

    /**
     * New values for some or all fields. The outer verdict is about shape; the inner one about values and counts only where
     * the entry exists.
     */
    public Verdict<Verdict<Edit>> put(byte[] body) {
        Verdict<Map<String, JsonValue>> read = JsonBodies.object(body, keys);
        if (!read.accepted()) {
            return Verdict.refuse(read.refusal());
        }
        List<Fault> shape = new ArrayList<>(0);
        List<Fault> faults = new ArrayList<>(0);
        Map<Field, Object> values = new EnumMap<>(Field.class);
        for (Field field : fields) {
            JsonValue value = read.value().get(field.key());
            if (value != null) {
                List<Object> loc = List.of("body", field.key());
                Fault wrongType = fieldRules.checkType(field, value, loc);
                if (wrongType != null) {
                    shape.add(wrongType);
                } else {
                    values.put(field, fieldRules.take(field, value, loc, faults));
                }
            }
        }
        if (!shape.isEmpty()) {
            return Verdict.refuse(
                    new Refusal(LedgerError.MALFORMED, shape.get(0).msg(), shape));
        }
        return Verdict.accept(verdict(values, faults));
    }

    /**
     * {@code {"field":..., "value":...}}. The outer verdict is about shape; the inner one refuses an unknown field (400) before
     * a value (422), and counts only where the entry exists.
     */
    public Verdict<Verdict<Edit>> patch(byte[] body) {
        Verdict<Map<String, JsonValue>> read = JsonBodies.object(body, PATCH_KEYS);
        if (!read.accepted()) {
            return Verdict.refuse(read.refusal());
        }
        JsonValue name = read.value().get("field");
        JsonValue value = read.value().get("value");
        List<Fault> shape = new ArrayList<>(0);
        if (name == null) {
            shape.add(Fault.inBody("field", "Field required", "missing"));
        } else if (!name.is(Type.STRING)) {
            shape.add(Fault.inBody("field", FieldRules.wrongType("string", name), "string_type"));
        }
        if (value == null) {
            shape.add(Fault.inBody("value", "Field required", "missing"));
        } else if (value.is(Type.STRING) && FieldRules.hasUnpairedSurrogate(value.text())) {
            shape.add(FieldRules.unpairedSurrogate(List.of("body", "value")));
        } else if (!value.is(Type.STRING) && !value.is(Type.NUMBER) && !value.isNull()) {
            shape.add(new Fault(List.of("body", "value", "str"), FieldRules.wrongType("string", value), "string_type"));
            shape.add(
                    new Fault(List.of("body", "value", "float"), FieldRules.wrongType("number", value), "float_type"));
        }
        if (!shape.isEmpty()) {
            return Verdict.refuse(
                    new Refusal(LedgerError.MALFORMED, shape.get(0).msg(), shape));
        }
        return Verdict.accept(edit(name.text(), value));
    }

    private Verdict<Edit> edit(String name, JsonValue value) {
        Field field = Field.ofKey(name).filter(kind::has).orElse(null);
        if (field == null) {
            return Verdict.refuse(Refusal.of(
                    LedgerError.UNKNOWN_FIELD,
                    "An " + kind.word() + " has no such field that can be changed; it has "
                            + String.join(", ", fields.stream().map(Field::key).toList()) + "."));
        }
        List<Object> loc = List.of("body", "value");
        List<Fault> faults = new ArrayList<>(0);
        Map<Field, Object> values = new EnumMap<>(Field.class);
        Fault wrongType = fieldRules.checkType(field, value, loc);
        if (wrongType != null) {
            faults.add(wrongType);
        } else {
            values.put(field, fieldRules.take(field, value, loc, faults));
        }
        return verdict(values, faults);
    }

    private static Verdict<Edit> verdict(Map<Field, Object> values, List<Fault> faults) {
        return faults.isEmpty() ? Verdict.accept(new Edit(values)) : Verdict.refuse(Refusal.invalid(faults));
    }

    /**
     * One record of an array file at its first take. What can be brought into the canonical form is ({@code "150.50"},
     * {@code 100}); keys that no entry has are dropped. The id must be an integer from 1 to 2^53 - 1.
     */
    public Verdict<Entry> take(JsonNode record) {
        return taken(record, true);
    }

    /** One record of an import: as {@link #take}, but the id is a wish: missing or null, the entry has id 0. */
    public Verdict<Entry> imported(JsonNode record) {
        return taken(record, false);
    }

    private Verdict<Entry> taken(JsonNode record, boolean withId) {
        if (record == null || !record.isObject()) {
            return Verdict.refuse(Refusal.malformed(new Fault(
                    List.of("body"),
                    "Input should be a valid dictionary or object to extract fields from",
                    "model_attributes_type")));
        }
        JsonNode id = record.get("id");
        if (!withId && (id == null || id.isNull())) {
            return draft(values(record), 0);
        }
        if (id == null
                || !id.isIntegralNumber()
                || !id.canConvertToLong()
                || id.longValue() < 1
                || id.longValue() > Entry.MAX_ID) {
            return Verdict.refuse(Refusal.malformed(Fault.inBody(
                    "id",
                    "Input should be an integer from 1 to " + Entry.MAX_ID,
                    id == null ? "missing" : "int_type")));
        }
        return draft(values(record), id.longValue());
    }

    private Map<String, JsonValue> values(JsonNode record) {
        Map<String, JsonValue> values = new HashMap<>(16);
        for (Field field : fields) {
            JsonNode node = record.get(field.key());
            if (node != null) {
                values.put(field.key(), value(node));
            }
        }
        return values;
    }

    private static JsonValue value(JsonNode node) {
        switch (node.getNodeType()) {
            case STRING:
                return JsonValue.string(node.textValue());
            case NUMBER:
                // NaN and Infinity, which a lenient reader may have let in, are no numbers
                return node.isFloatingPointNumber() && !node.isBigDecimal() && !Double.isFinite(node.doubleValue())
                        ? JsonValue.string("NaN")
                        : JsonValue.number(node.asText());
            case NULL:
            case MISSING:
                return JsonValue.NULL;
            case BOOLEAN:
                return node.booleanValue() ? JsonValue.TRUE : JsonValue.FALSE;
            case ARRAY:
                return new JsonValue(Type.ARRAY, null);
            default:
                return new JsonValue(Type.OBJECT, null);
        }
    }

    private Verdict<Entry> draft(Map<String, JsonValue> values, long id) {
        List<Fault> faults = new ArrayList<>(0);
        Object[] taken = new Object[Field.values().length];
        for (Field field : fields) {
            JsonValue value = values.get(field.key());
            List<Object> loc = fieldRules.inBody(field);
            if (value == null && field.required()) {
                faults.add(new Fault(loc, "Field required", "missing"));
                continue;
            }
            JsonValue given = value == null ? JsonValue.NULL : value;
            Fault wrongType = fieldRules.checkType(field, given, loc);
            if (wrongType != null) {
                faults.add(wrongType);
            } else {
                taken[field.ordinal()] = fieldRules.take(field, given, loc, faults);
            }
        }
        if (!faults.isEmpty()) {
            return Verdict.refuse(Refusal.invalid(faults));
        }
        return Verdict.accept(new Entry(
                id,
                (LocalDate) taken[Field.DATE.ordinal()],
                (String) taken[Field.BUSINESS.ordinal()],
                (String) taken[Field.CATEGORY.ordinal()],
                (Long) taken[Field.AMOUNT.ordinal()],
                (String) taken[Field.ACCOUNT.ordinal()],
                (String) taken[Field.CURRENCY.ordinal()],
                (String) taken[Field.NOTES.ordinal()]));
    }
}
