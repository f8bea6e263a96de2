package io.homebudget.local.move;

/** A move or a job that cannot go on; the message is for the person who asked for it. */
public final class Stopped extends Exception {
    private static final long serialVersionUID = 1L;

    public Stopped(String message) {
        super(message);
    }
}
