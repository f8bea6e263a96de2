package io.homebudget.ledger.entry;

import java.util.Locale;
import java.util.Optional;

/**
 * The fields of an entry besides its id, in the order in which they are written everywhere.
 *
 * <p>Lengths are counted in Unicode code points, as PostgreSQL counts {@code VARCHAR(n)}, so that no store takes what
 * the other refuses.
 */
public enum Field {
    DATE(0, true),
    BUSINESS(255, false),
    CATEGORY(100, true),
    AMOUNT(0, true),
    ACCOUNT(100, true),
    CURRENCY(10, false),
    NOTES(0, false);

    /**
     * The longest notes, as JSON text in UTF-8 with its quotes. A request's body may not be longer than this, so it binds only what comes
     * by another way, such as an array file: every entry fits into the bodies, events and rows that carry it.
     */
    public static final int MAX_NOTES_BYTES = 1 << 20;

    private final int maxCodePoints;
    private final boolean required;

    Field(int maxCodePoints, boolean required) {
        this.maxCodePoints = maxCodePoints;
        this.required = required;
    }

    /** The key in JSON and the column in PostgreSQL. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The longest legal text in code points; 0 for the notes, see {@link #MAX_NOTES_BYTES}. */
    public int maxCodePoints() {
        return maxCodePoints;
    }

    /** Whether an entry without it, or with null, is refused. */
    public boolean required() {
        return required;
    }

    public static Optional<Field> ofKey(String key) {
        for (Field field : values()) {
            if (field.key().equals(key)) {
                return Optional.of(field);
            }
        }
        return Optional.empty();
    }
}
