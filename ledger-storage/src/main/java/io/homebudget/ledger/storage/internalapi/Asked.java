package io.homebudget.ledger.storage.internalapi;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.api.Refused;
import io.homebudget.ledger.storage.routing.LedgerEngine;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import java.util.List;
import java.util.Locale;

/** Reads what internal calls ask for; what makes no sense is refused with the rule that it breaks. */
final class Asked {
    private Asked() {}

    static LedgerStore store(LedgerEngine engine, String word) {
        for (StoreName name : StoreName.values()) {
            if (name.word().equals(word)) {
                return engine.store(name);
            }
        }
        throw refused("store must be json or postgres");
    }

    static LedgerStore primary(LedgerEngine engine) {
        return engine.primary()
                .orElseThrow(() -> new Refused(
                        Refusal.of(LedgerError.NOT_WRITTEN, "It is not known who rules. Repeat the call later.")));
    }

    static <T> T body(T body) {
        if (body == null) {
            throw refused("a body is needed");
        }
        return body;
    }

    /** @param name of the field */
    static <T> T field(String name, T value) {
        if (value == null) {
            throw refused(name + " is needed");
        }
        return value;
    }

    static List<Long> ids(List<Long> ids, int most) {
        if (field("ids", ids).size() > most) {
            throw refused("ids must not be more than " + most);
        }
        if (ids.contains(null)) {
            throw refused("ids must be numbers");
        }
        return ids;
    }

    static int within(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw refused(name + " must be within 1.." + most);
        }
        return value;
    }

    static Refused refused(String detail) {
        return new Refused(Refusal.of(LedgerError.BAD_REQUEST, detail));
    }

    static DataSource source(String word) {
        try {
            return DataSource.valueOf(word.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw refused("source must be served or disk");
        }
    }
}
