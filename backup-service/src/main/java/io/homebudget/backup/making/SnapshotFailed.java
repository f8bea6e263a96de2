package io.homebudget.backup.making;

import java.io.IOException;

/** No snapshot was made, or only a part of one. The message says why, for a person. */
public final class SnapshotFailed extends IOException {
    private static final long serialVersionUID = 1L;

    public SnapshotFailed(String message) {
        super(message);
    }

    public SnapshotFailed(String message, Throwable cause) {
        super(message, cause);
    }
}
