package io.homebudget.local.move;

import io.homebudget.local.home.Home;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The whole move, as a person reads it and as a script takes its exit status from it.
 *
 * @param failure why it stopped; null where it went through
 */
public record MoveReport(List<KindReport> kinds, String snapshot, double seconds, String failure) {

    /** 0: everything verified equal; 3: equal, but records were rejected at import; 1: anything else. */
    public int exitStatus() {
        if (failure != null || kinds.stream().anyMatch(kind -> !kind.equal())) {
            return 1;
        }
        return kinds.stream().anyMatch(kind -> kind.rejected() > 0) ? 3 : 0;
    }

    public String text(Home home) {
        StringBuilder text = new StringBuilder("\nReport of the move to PostgreSQL\n");
        for (KindReport kind : kinds) {
            text.append('\n').append(kind.kind().plural()).append('\n');
            line(text, "entries", kind.entries() + " in PostgreSQL");
            if (kind.steps().isEmpty()) {
                line(text, "phase", "was in DATABASE_ONLY already, nothing to move");
            }
            for (KindReport.Step step : kind.steps()) {
                line(text, step.phase().name(), seconds(step.seconds()));
            }
            if (kind.bothStores() != null) {
                line(text, "both stores", verified(kind.bothStores()));
            }
            line(text, "at the end", verified(kind.end()));
            line(
                    text,
                    "rejected",
                    kind.rejected() == 0
                            ? "0"
                            : kind.rejected() + ", each with line and reason in "
                                    + home.data(kind.kind()).resolve("rejected.ndjson"));
            line(text, "JSON archive", kind.archive() == null ? "no step named one" : kind.archive());
        }
        text.append('\n');
        line(text, "snapshot", snapshot);
        line(text, "total", seconds(seconds));
        line(text, "result", result());
        return text.toString();
    }

    private String result() {
        if (failure != null) {
            return "NOT DONE: " + failure;
        }
        String unequal = kinds.stream()
                .filter(kind -> !kind.equal())
                .map(kind -> kind.kind().plural())
                .collect(Collectors.joining(" and "));
        if (!unequal.isEmpty()) {
            return "NOT EQUAL: " + unequal + ", see /console or GET /api/v1/migration/discrepancies";
        }
        return exitStatus() == 3
                ? "every entry verified equal; some records of the files were rejected at import"
                : "every entry verified equal";
    }

    private static String verified(KindReport.Verified verified) {
        return verified.compared() + " compared, " + verified.differences() + " differences ("
                + seconds(verified.seconds()) + ")";
    }

    private static String seconds(double seconds) {
        return String.format(Locale.ROOT, "%.1f s", seconds);
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format(Locale.ROOT, "  %-16s%s%n", name, value));
    }
}
