package io.homebudget.ledger.rows;

/** A line that is no row. The message says which rule it breaks and never quotes it: it may hold an entry's values. */
public final class MalformedRow extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedRow(String what) {
        super(what, null, false, false);
    }
}
