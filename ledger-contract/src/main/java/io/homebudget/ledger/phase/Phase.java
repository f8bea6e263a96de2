package io.homebudget.ledger.phase;

import java.util.Optional;

/**
 * Which store rules and whether the other one follows. One ordered value instead of two booleans: only neighbours can be
 * reached in one step, so no combination exists that nobody checked (A15).
 */
public enum Phase {
    JSON_ONLY(StoreName.JSON, false),
    DUAL_WRITE(StoreName.JSON, true),
    DATABASE_READS(StoreName.POSTGRES, true),
    DATABASE_ONLY(StoreName.POSTGRES, false);

    private final StoreName primary;
    private final boolean followed;

    Phase(StoreName primary, boolean followed) {
        this.primary = primary;
        this.followed = followed;
    }

    /** The store whose commit decides a write and whose data answers reads. */
    public StoreName primary() {
        return primary;
    }

    /** The store that applies the primary's changes, if one does. */
    public Optional<StoreName> follower() {
        return followed ? Optional.of(primary.other()) : Optional.empty();
    }

    public boolean dual() {
        return followed;
    }

    /** The outside view {@code USE_DATABASE_STORAGE}. */
    public boolean useDatabaseStorage() {
        return primary == StoreName.POSTGRES;
    }

    /** The outside view {@code DUAL_WRITE_ENABLED}. */
    public boolean dualWriteEnabled() {
        return followed;
    }

    public static Phase ofFlags(boolean useDatabaseStorage, boolean dualWriteEnabled) {
        if (useDatabaseStorage) {
            return dualWriteEnabled ? DATABASE_READS : DATABASE_ONLY;
        }
        return dualWriteEnabled ? DUAL_WRITE : JSON_ONLY;
    }

    public boolean isNeighbourOf(Phase other) {
        return Math.abs(ordinal() - other.ordinal()) == 1;
    }

    public Optional<Phase> next() {
        return ordinal() + 1 < values().length ? Optional.of(values()[ordinal() + 1]) : Optional.empty();
    }

    public Optional<Phase> previous() {
        return ordinal() > 0 ? Optional.of(values()[ordinal() - 1]) : Optional.empty();
    }
}
