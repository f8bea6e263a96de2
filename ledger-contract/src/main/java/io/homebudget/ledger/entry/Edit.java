package io.homebudget.ledger.entry;

import java.time.LocalDate;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * New values for some fields of an entry; fields not in it stay.
 *
 * @param values validated values: {@link LocalDate} for the date, {@link Long} cents for the amount, {@link String} or null
 *     else
 */
public record Edit(Map<Field, Object> values) {

    public Edit {
        EnumMap<Field, Object> copy = new EnumMap<>(Field.class);
        copy.putAll(values);
        values = Collections.unmodifiableMap(copy);
    }

    public Entry applyTo(Entry entry) {
        return new Entry(
                entry.id(),
                (LocalDate) of(Field.DATE, entry.date()),
                (String) of(Field.BUSINESS, entry.business()),
                (String) of(Field.CATEGORY, entry.category()),
                (Long) of(Field.AMOUNT, entry.cents()),
                (String) of(Field.ACCOUNT, entry.account()),
                (String) of(Field.CURRENCY, entry.currency()),
                (String) of(Field.NOTES, entry.notes()));
    }

    private Object of(Field field, Object current) {
        return values.containsKey(field) ? values.get(field) : current;
    }
}
