package io.homebudget.migration.runs;

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
        Optional<Rows> held,
        Optional<Kept> kept,
        Optional<Compared> compared) {

    /** Of something so much smaller than what is to come, the time says little but what starting costs. */
    private static final int COMPARABLE = 10;

    /** In the images of a snapshot, by store. */
    record Rows(long json, long postgres) {
        /**
         * A row of the JSON store goes into the packed image as one of PostgreSQL does, and is rendered, sorted and packed for the
         * array files, which are read back: fitted to snapshots of a million entries, see RATIONALE.md.
         */
        private static final double JSON_WEIGHT = 3;

        /** In rows of PostgreSQL. */
        double weight() {
            return JSON_WEIGHT * json + postgres;
        }
    }

    /** A snapshot, from its beginning until it was proven. */
    record Kept(Rows rows, double seconds) {
        boolean tells(Rows wanted) {
            return rows.weight() > 0 && COMPARABLE * rows.weight() >= wanted.weight();
        }

        /** @param fixed seconds that do not grow with the rows */
        double of(Rows wanted, double fixed) {
            return fixed + Math.max(0, seconds - fixed) * wanted.weight() / rows.weight();
        }
    }

    /** A verification. */
    record Compared(long entries, double seconds) {
        boolean tells(long wanted) {
            return entries > 0 && COMPARABLE * entries >= wanted;
        }

        /** @param fixed seconds that do not grow with the entries */
        double of(long wanted, double fixed) {
            return fixed + Math.max(0, seconds - fixed) * wanted / entries;
        }
    }
}
