package io.homebudget.migration.imports;

/** A body that is broken as a whole, so that nothing of it is taken in. */
final class Unreadable extends Exception {
    private static final long serialVersionUID = 1L;

    Unreadable(String why) {
        super(why);
    }
}
