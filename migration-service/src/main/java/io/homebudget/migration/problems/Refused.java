package io.homebudget.migration.problems;

import io.homebudget.ledger.error.Fault;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import java.util.List;
import java.util.Map;

/** A refusal on its way to the caller; {@link ProblemMapper} is the only one that catches it. */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Refusal refusal;
    private final transient Map<String, Object> more;

    private Refused(Refusal refusal, Map<String, Object> more) {
        super(refusal.detail(), null, false, false);
        this.refusal = refusal;
        this.more = Map.copyOf(more);
    }

    public static Refused of(LedgerError error, String detail) {
        return new Refused(Refusal.of(error, detail), Map.of());
    }

    /** @param more further members of the problem document, for example the checks of a closed gate */
    public static Refused of(LedgerError error, String detail, Map<String, Object> more) {
        return new Refused(Refusal.of(error, detail), more);
    }

    /** A field of the body breaks a rule. @param type the rule in one word, as the old backend names them */
    public static Refused inBody(String field, String rule, String type) {
        return new Refused(Refusal.invalid(List.of(Fault.inBody(field, rule, type))), Map.of());
    }

    /** A parameter behind the question mark is none of the words that it may be. */
    public static Refused inQuery(String name, String rule) {
        return new Refused(Refusal.invalid(List.of(new Fault(List.of("query", name), rule, "enum"))), Map.of());
    }

    /** The body as a whole is not what it must be. */
    public static Refused unreadable(String rule) {
        return new Refused(Refusal.malformed(new Fault(List.of("body"), rule, "json_invalid")), Map.of());
    }

    /** What somebody else said, ended as a sentence, so that another may follow. */
    public static String sentence(String said) {
        return said == null || said.endsWith(".") ? said : said + ".";
    }

    public Refusal refusal() {
        return refusal;
    }

    public Map<String, Object> more() {
        return more;
    }
}
