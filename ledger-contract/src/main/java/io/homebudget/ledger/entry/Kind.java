package io.homebudget.ledger.entry;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The two kinds of entries. Each has its own service, files, tables and topic, and moves through the phases by itself. */
public enum Kind {
    EXPENSE(EnumSet.allOf(Field.class)),
    INCOME(EnumSet.complementOf(EnumSet.of(Field.BUSINESS)));

    private final Set<Field> fields;

    Kind(Set<Field> fields) {
        this.fields = Set.copyOf(fields);
    }

    /** The word used in paths, messages, metrics and file names: {@code expense} or {@code income}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The word for many, which names the table and the array file: {@code expenses} or {@code incomes}. */
    public String plural() {
        return word() + "s";
    }

    /** The file that Home Budget's old backend reads and writes. */
    public String arrayFileName() {
        return plural() + ".json";
    }

    /** The Kafka topic that carries this kind's changes. */
    public String changesTopic() {
        return "ledger." + word() + ".changes.v1";
    }

    public boolean has(Field field) {
        return fields.contains(field);
    }

    public static Optional<Kind> ofWord(String word) {
        for (Kind kind : values()) {
            if (kind.word().equals(word)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
