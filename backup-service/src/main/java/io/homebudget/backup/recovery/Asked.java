package io.homebudget.backup.recovery;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.backup.problems.Refused;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.Fault;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import java.util.List;

/** Reads what orders that change ledgers have in common; a refusal names field and rule. */
public final class Asked {
    private Asked() {}

    /** The field by which the backup API is told that what is lost may be lost. */
    public static final String CONSENT = "consent";

    /**
     * Nothing is taken back without the word for it.
     *
     * @param fields of which one must be true and none may be false; the first is the one that a refusal asks for
     */
    public static void consent(JsonNode body, String what, String... fields) {
        boolean given = false;
        boolean denied = false;
        for (String field : fields) {
            JsonNode word = body.path(field);
            if (!word.isMissingNode() && !word.isBoolean()) {
                throw Refused.of(Refusal.malformed(Fault.inBody(field, field + " must be true or false", "bool_type")));
            }
            given |= word.asBoolean(false);
            denied |= word.isBoolean() && !word.asBoolean();
        }
        if (!given || denied) {
            throw Refused.of(LedgerError.CONSENT_MISSING, what + " Say so with \"" + fields[0] + "\": true.");
        }
    }

    /** {@code expense}, {@code income} or {@code all}, which is the default. */
    public static List<Kind> kinds(JsonNode body) {
        String word = body.path("kind").asText("all");
        if (word.equals("all")) {
            return List.of(Kind.values());
        }
        return List.of(Kind.ofWord(word)
                .orElseThrow(() -> Refused.of(
                        Refusal.malformed(Fault.inBody("kind", "kind must be expense, income or all", "enum")))));
    }

    /** Null where none was given. */
    public static String reason(JsonNode body) {
        String reason = body.path("reason").isTextual() ? body.path("reason").asText() : "";
        return reason.isBlank() ? null : reason;
    }
}
