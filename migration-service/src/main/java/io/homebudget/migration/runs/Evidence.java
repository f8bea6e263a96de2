package io.homebudget.migration.runs;

import java.time.Instant;
import java.util.Optional;

/**
 * What a forecast goes by.
 *
 * @param before the last run of the same way
 * @param measured empty where PostgreSQL could not be measured
 * @param held what a snapshot made now holds; empty where runs make none
 * @param kept the last snapshot that was made
 * @param compared the last verification of the kind
 */
record Evidence(
        Optional<RunBook.Entry> before,
        Optional<PaceProbe.Pace> measured,
        Optional<Entries> held,
        Optional<Kept> kept,
        Optional<Compared> compared) {

    /** Of something so much smaller than what is to come, the time says little but what starting costs. */
    private static final int COMPARABLE = 10;

    /** In the images of a snapshot, by store. */
    record Entries(long json, long postgres) {
        /**
         * One of the JSON store goes into the packed image as one of PostgreSQL does, and is rendered, sorted and packed for the
         * array files, which are read back: fitted to snapshots of a million entries, see RATIONALE.md.
         */
        private static final double JSON_WEIGHT = 3;

        /** In entries of PostgreSQL. */
        double weight() {
            return JSON_WEIGHT * json + postgres;
        }
    }

    /** A snapshot, from its beginning until its job was over. */
    record Kept(Entries entries, double seconds, Instant endedAt) {
        boolean tells(Entries wanted) {
            return entries.weight() > 0 && COMPARABLE * entries.weight() >= wanted.weight();
        }

        /** @param fixed seconds that do not grow with the entries */
        double of(Entries wanted, double fixed) {
            return fixed + Math.max(0, seconds - fixed) * wanted.weight() / entries.weight();
        }
    }

    /** A verification of both stores that found nothing. */
    record Compared(long entries, double seconds, Instant endedAt) {
        boolean tells(long wanted) {
            return entries > 0 && COMPARABLE * entries >= wanted;
        }

        /** @param fixed seconds that do not grow with the entries */
        double of(long wanted, double fixed) {
            return fixed + Math.max(0, seconds - fixed) * wanted / entries;
        }
    }

    /** Whether something is news beside the last run, and not a part of it. */
    boolean sinceBefore(Instant endedAt) {
        return before.map(entry -> entry.run().finishedAt).map(endedAt::isAfter).orElse(true);
    }
}
