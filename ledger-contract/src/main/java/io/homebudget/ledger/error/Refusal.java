package io.homebudget.ledger.error;

import java.util.List;
import java.util.Objects;

/**
 * A no with its reason. A refused call changed nothing, except under {@link LedgerError#OUTCOME_UNKNOWN}.
 *
 * @param detail one sentence for a person
 * @param faults the broken rules, for the 422 answers; empty else
 */
public record Refusal(LedgerError error, String detail, List<Fault> faults) {
    public Refusal {
        Objects.requireNonNull(error, "error");
        Objects.requireNonNull(detail, "detail");
        faults = List.copyOf(faults);
    }

    public static Refusal of(LedgerError error, String detail) {
        return new Refusal(error, detail, List.of());
    }

    public static Refusal malformed(Fault fault) {
        return new Refusal(LedgerError.MALFORMED, fault.msg(), List.of(fault));
    }

    public static Refusal invalid(List<Fault> faults) {
        return new Refusal(LedgerError.INVALID, faults.get(0).msg(), faults);
    }
}
