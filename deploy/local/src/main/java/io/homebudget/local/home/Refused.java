package io.homebudget.local.home;

/** Something a person must change before this can go on; the message says what and how. Printed without a stack trace. */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int status;

    public Refused(String message) {
        this(message, 1);
    }

    /** @param status the exit status of the command */
    public Refused(String message, int status) {
        super(message);
        this.status = status;
    }

    public int status() {
        return status;
    }
}
