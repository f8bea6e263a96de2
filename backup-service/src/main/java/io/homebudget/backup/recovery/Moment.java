package io.homebudget.backup.recovery;

import io.homebudget.ledger.internal.LoggedSet;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.UUID;

/**
 * A moment of a ledger's history, as which sets it holds. Sets are whole at every moment: a bulk delete is in it or not (A39).
 */
public sealed interface Moment {

    /** Whether the ledger at this moment holds the set. */
    boolean holds(LoggedSet set);

    /** Everything that was written up to an instant. Times are one per set, and never fall from one version of an entry to the next. */
    record AtInstant(Instant instant) implements Moment {
        @Override
        public boolean holds(LoggedSet set) {
            return !set.at().isAfter(instant);
        }
    }

    /** Everything up to a position of the log, which is that of a whole set. */
    record AtPosition(long position) implements Moment {
        @Override
        public boolean holds(LoggedSet set) {
            return set.position() <= position;
        }
    }

    /** What a person may name: an instant, or the id of a change, which means its whole set. */
    record Named(Instant instant, UUID change) {
        /** Empty where the text is neither. */
        public static Optional<Named> of(String text) {
            if (text == null) {
                return Optional.empty();
            }
            try {
                return Optional.of(new Named(Instant.parse(text), null));
            } catch (DateTimeParseException noInstant) {
                return text.length() == 36 ? change(text) : Optional.empty();
            }
        }

        private static Optional<Named> change(String text) {
            try {
                return Optional.of(new Named(null, UUID.fromString(text)));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
    }
}
