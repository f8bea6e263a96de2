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

    /** Nothing is taken back without the word for it. */
    public static void consent(JsonNode body, String what) {
        JsonNode consent = body.path("consent");
        if (!consent.isMissingNode() && !consent.isBoolean()) {
            throw Refused.of(Refusal.malformed(Fault.inBody("consent", "consent must be true or false", "bool_type")));
        }
        if (!consent.asBoolean(false)) {
            throw Refused.of(LedgerError.CONSENT_MISSING, what + " Say so with \"consent\": true.");
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
