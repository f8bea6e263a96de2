package io.homebudget.backup.restore;

import io.homebudget.ledger.phase.StoreName;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What is to be restored: one store, or both. */
public enum Target {
    JSON,
    POSTGRES,
    BOTH;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Target> ofWord(String word) {
        return Arrays.stream(values())
                .filter(target -> target.word().equals(word))
                .findFirst();
    }

    boolean is(StoreName store) {
        return word().equals(store.word());
    }
}
