package io.homebudget.local.supervision;

/** What a member answered when asked whether it is ready. */
public sealed interface Probe {

    record Ready() implements Probe {}

    /** @param detail what it said or why it did not answer */
    record NotYet(String detail) implements Probe {}

    /** It runs, but refuses to serve a damaged store: a person must decide, so restarting it would only hide that. */
    record Recovery(String file, String place, String advice) implements Probe {}
}
