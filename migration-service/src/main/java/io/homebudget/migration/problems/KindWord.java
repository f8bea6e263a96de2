package io.homebudget.migration.problems;

import io.homebudget.ledger.entry.Kind;

/** The word for a kind, as a caller sent it; the same refusal wherever it stands. */
public final class KindWord {
    private static final String RULE = "kind must be expense or income";

    private KindWord() {}

    /** @param word null where the body has none */
    public static Kind inBody(String word) {
        return Kind.ofWord(word == null ? "" : word).orElseThrow(() -> Refused.inBody("kind", RULE, "enum"));
    }

    /** @param word null where there is no such parameter */
    public static Kind inQuery(String word) {
        return Kind.ofWord(word == null ? "" : word).orElseThrow(() -> Refused.inQuery("kind", RULE));
    }
}
