package io.homebudget.bench.report;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Every figure of the contract, with what it has to reach. The word is what {@code --only} takes. */
public enum Figure {
    CREATE_PUBLISHING("create in DATABASE_ONLY, publishing / bare insert", Bound.AT_LEAST, 0.4, "x"),
    CREATE_EVERYTHING("create in DATABASE_ONLY, everything running / bare insert", Bound.AT_LEAST, 0.25, "x"),
    CREATE_REQUEST_PATH("create in DATABASE_ONLY, publishing paused / bare insert", Bound.AT_LEAST, 0.65, "x"),
    CREATE_DUAL_WRITE("create in DUAL_WRITE, follower keeping up / DATABASE_ONLY", Bound.AT_LEAST, 0.5, "x"),
    CREATE_DATABASE_READS("create in DATABASE_READS / DATABASE_ONLY", Bound.AT_LEAST, 0.7, "x"),
    CREATE_JSON_ONLY("create in JSON_ONLY / DATABASE_ONLY", Bound.AT_LEAST, 1, "x"),
    CREATE_JSON_MILLION("create in JSON_ONLY, 1,000,000 entries with checkpoint / 1,000", Bound.AT_LEAST, 0.7, "x"),
    EVENT_LATENCY("acknowledged to readable in Kafka, p99 at 1,000 writes/s", Bound.AT_MOST, 100, "ms"),
    BACKFILL("backfill of 1,000,000, validated / COPY, time", Bound.AT_MOST, 1.5, "x"),
    VERIFICATION("verification of 1,000,000 at 100 writes/s / md5 scan, time", Bound.AT_MOST, 5, "x"),
    VERIFICATION_AT_REST("verification of 1,000,000 without writes / md5 scan, time", Bound.AT_MOST, 4, "x"),
    RECONCILIATION("changes compared in both stores, 2,000 writes/s in DUAL_WRITE", Bound.AT_LEAST, 2_000, "/s"),
    EVENT_TO_VERIFIED("committed to proven equal, p99 at 200 writes/s", Bound.AT_MOST, 5_000, "ms"),
    STALL("longest stall in a phase change, 500 writes/s, 100,000 entries", Bound.AT_MOST, 250, "ms"),
    LIST_JSON("GET of 1,000,000 entries in JSON_ONLY: memory grows by", Bound.BELOW, 64, "MB"),
    LIST_DATABASE("GET of 1,000,000 entries in DATABASE_ONLY: memory grows by", Bound.BELOW, 64, "MB"),
    SNAPSHOT("snapshot of 1,000,000 in PostgreSQL / COPY through zstd, time", Bound.AT_MOST, 1.5, "x"),
    SNAPSHOT_P99("p99 of 500 writes/s in a snapshot / without, 10 ms at least", Bound.AT_MOST, 3, "x"),
    RESTORE_EMPTY("restore of 1,000,000 into nothing / COPY, then indexes, time", Bound.AT_MOST, 1.5, "x"),
    RESTORE_RUNNING("restore of a 1 % difference / reading all, COPY of 1 %, time", Bound.AT_MOST, 1.5, "x"),
    MEMORY_MIGRATION("resident at most, migration-service, 1,000,000 entries verified", Bound.AT_MOST, 350, "MB"),
    MEMORY_BACKUP("resident at most, backup-service, 1,000,000 entries", Bound.AT_MOST, 350, "MB"),
    MEMORY_10K("resident at 500 requests/s, 10,000 entries, JSON_ONLY", Bound.AT_MOST, 350, "MB"),
    MEMORY_MILLION("resident at 500 requests/s, 1,000,000 entries, JSON_ONLY", Bound.AT_MOST, 1200, "MB");

    /** Which side of the limit is good. */
    public enum Bound {
        AT_LEAST(">="),
        AT_MOST("<="),
        BELOW("<");

        private final String sign;

        Bound(String sign) {
            this.sign = sign;
        }
    }

    private final String title;
    private final Bound bound;
    private final double limit;
    private final String unit;

    Figure(String title, Bound bound, double limit, String unit) {
        this.title = title;
        this.bound = bound;
        this.limit = limit;
        this.unit = unit;
    }

    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String title() {
        return title;
    }

    public boolean reachedBy(double measured) {
        return switch (bound) {
            case AT_LEAST -> measured >= limit;
            case AT_MOST -> measured <= limit;
            case BELOW -> measured < limit;
        };
    }

    public String reach() {
        return bound.sign + " " + print(limit);
    }

    /** A number of this figure as a person reads it: ratios with two decimals, times and sizes with none or one. */
    public String print(double number) {
        if (unit.equals("x")) {
            return String.format(Locale.ROOT, "%.2f", number);
        }
        return String.format(Locale.ROOT, number < 10 ? "%.1f %s" : "%.0f %s", number, unit);
    }

    /**
     * The figures that the words name, a word naming each figure that begins with it ({@code create} all creates).
     *
     * @throws IllegalArgumentException for a word that names none
     */
    public static Set<Figure> named(Iterable<String> words) {
        Set<Figure> named = EnumSet.noneOf(Figure.class);
        for (String word : words) {
            boolean any = false;
            for (Figure figure : values()) {
                if (figure.word().equals(word) || figure.word().startsWith(word + "-")) {
                    named.add(figure);
                    any = true;
                }
            }
            if (!any) {
                throw new IllegalArgumentException("no figure is called " + word + "; there are " + words());
            }
        }
        return named;
    }

    public static String words() {
        StringBuilder words = new StringBuilder();
        for (Figure figure : values()) {
            words.append(words.length() == 0 ? "" : ", ").append(figure.word());
        }
        return words.toString();
    }
}
