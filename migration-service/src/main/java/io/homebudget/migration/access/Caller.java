package io.homebudget.migration.access;

/** Who is recorded as the actor of what was ordered. */
public final class Caller {
    /** Whoever holds the operator's token. */
    public static final String OPERATOR = "operator";

    private Caller() {}
}
