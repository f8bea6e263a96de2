package io.homebudget.backup.format;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Why a snapshot was made. */
public enum Reason {
    /** By the environment's calendar. */
    SCHEDULED,
    /** Somebody asked. */
    MANUAL,
    /** Before a step of a migration. */
    PRE_MIGRATION,
    /** Before a restore, so that the restore itself can be taken back. */
    SAFETY;

    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Reason> ofWord(String word) {
        return Arrays.stream(values())
                .filter(reason -> reason.word().equals(word))
                .findFirst();
    }
}
