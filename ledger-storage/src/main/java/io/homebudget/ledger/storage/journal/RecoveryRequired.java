package io.homebudget.ledger.storage.journal;

import java.nio.file.Path;

/**
 * A store's files cannot be trusted, and nothing was changed in them. The service starts in recovery mode; only a person or a
 * restore can go on. Never answered by serving an empty store (A3).
 */
public final class RecoveryRequired extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Path file;
    private final long offset;
    private final String what;
    private final String advice;

    /** @param offset the first byte that cannot be trusted; -1 where it is the file as a whole */
    public RecoveryRequired(Path file, long offset, String what, String advice) {
        super(file + (offset < 0 ? "" : " at byte " + offset) + ": " + what + ". " + advice);
        this.file = file;
        this.offset = offset;
        this.what = what;
        this.advice = advice;
    }

    public Path file() {
        return file;
    }

    public long offset() {
        return offset;
    }

    /** What is wrong there, without a full stop. */
    public String what() {
        return what;
    }

    public String advice() {
        return advice;
    }
}
