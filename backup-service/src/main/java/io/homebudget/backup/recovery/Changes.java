package io.homebudget.backup.recovery;

import io.homebudget.ledger.internal.LoggedSet;
import java.io.IOException;

/** Where the changes after a snapshot are read from. */
public interface Changes {

    /** Takes set after set; false ends the reading. */
    @FunctionalInterface
    interface Taker {
        boolean take(LoggedSet set) throws IOException;
    }

    /** In words, for the record. */
    String name();

    /**
     * Every set that the image lacks, each whole; sets that it has may be among them.
     *
     * @param after the image's position
     * @throws MissingChanges where some of them are gone: then nothing that was taken may be used
     */
    void after(long after, Taker taker) throws IOException, InterruptedException;

    /** Changes that are needed are gone. */
    class MissingChanges extends IOException {
        private static final long serialVersionUID = 1L;

        public MissingChanges(String message) {
            super(message);
        }
    }

    /** Whether changes are gone cannot be known: where they would be does not answer. */
    final class SourceAway extends MissingChanges {
        private static final long serialVersionUID = 1L;

        public SourceAway(String message) {
            super(message);
        }
    }
}
