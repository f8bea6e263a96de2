package io.homebudget.migration.access;

/** Who may call, in rising order of what is allowed. */
public final class Caller {
    public static final String VIEWER = "viewer";
    public static final String OPERATOR = "operator";

    private Caller() {}
}
