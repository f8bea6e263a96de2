package io.homebudget.ledger.error;

import java.util.List;

/**
 * One broken rule in the shape of the old backend's 422 answers. The message names the rule and the value's shape, never the
 * value: amounts and notes are personal.
 *
 * @param loc where: {@code ["body", "amount"]}, {@code ["path", "expense_id"]}; strings and integers
 */
public record Fault(List<Object> loc, String msg, String type) {
    public Fault {
        loc = List.copyOf(loc);
    }

    public static Fault inBody(String field, String msg, String type) {
        return new Fault(List.of("body", field), msg, type);
    }
}
