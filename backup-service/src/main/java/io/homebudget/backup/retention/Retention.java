package io.homebudget.backup.retention;

import io.homebudget.backup.format.Reason;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.ledger.entry.Kind;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Which snapshots stay and which go, and why: a function of the list, the rules and the time alone.
 *
 * <p>Guarantees (A27): the newest snapshot that was proven whole stays, and the newest such one that lacks nothing, whatever the
 * clock says; so does every pinned one and every one in use. Where none was ever proven, the newest stays, damaged or
 * not. Damaged ones take no place away from others.
 */
public final class Retention {
    private static final Comparator<Candidate> NEWEST_FIRST = Comparator.comparing(Candidate::createdAt)
            .thenComparing(Candidate::id)
            .reversed();

    private Retention() {}

    /** @return one decision per candidate, newest first */
    public static List<Decision> decide(List<Candidate> candidates, Rules rules, Instant now) {
        List<Candidate> sorted = candidates.stream().sorted(NEWEST_FIRST).toList();
        Map<SnapshotId, String> kept = new LinkedHashMap<>();
        keep(kept, sorted.stream().filter(Candidate::pinned), "pinned");
        keep(kept, sorted.stream().filter(Candidate::held), "in use");
        keep(kept, newest(sorted, Candidate::good), "the newest that was proven whole");
        keep(kept, newest(sorted, one -> one.good() && one.complete()), "the newest that is whole and complete");
        List<Candidate> sound = sorted.stream().filter(one -> !one.damaged()).toList();
        if (sorted.stream().noneMatch(Candidate::good)) {
            keep(kept, newest(sound, one -> true), "the newest, and none was proven whole");
        }
        if (sound.isEmpty()) {
            keep(kept, newest(sorted, one -> true), "the newest, and all are damaged");
        }
        keep(kept, sound.stream().limit(rules.keepLast()), "one of the last " + rules.keepLast());
        keep(kept, younger(sound, rules.keepFor(), now), "younger than " + words(rules.keepFor()));
        List<Candidate> migration = sound.stream()
                .filter(one -> one.reason() == Reason.PRE_MIGRATION)
                .toList();
        keep(
                kept,
                younger(migration, rules.migrationKeepFor(), now),
                "made before a migration step, younger than " + words(rules.migrationKeepFor()));
        keep(
                kept,
                migration.stream().limit(rules.migrationKeepLast()),
                "one of the last " + rules.migrationKeepLast() + " made before a migration step");
        for (Kind kind : Kind.values()) {
            keepArrays(kept, sound, kind, rules.arrayKeepFor(), now);
        }
        keep(kept, first(sound, rules.hourly(), at -> at.truncatedTo(ChronoUnit.HOURS)), "the newest of its hour");
        keep(kept, first(sound, rules.daily(), Retention::day), "the newest of its day");
        keep(kept, first(sound, rules.weekly(), Retention::week), "the newest of its week");
        keep(kept, first(sound, rules.monthly(), at -> day(at).withDayOfMonth(1)), "the newest of its month");
        return sorted.stream()
                .map(one -> kept.containsKey(one.id())
                        ? new Decision(one.id(), true, kept.get(one.id()))
                        : new Decision(one.id(), false, gone(one, rules)))
                .toList();
    }

    private static void keep(Map<SnapshotId, String> kept, Stream<Candidate> which, String why) {
        which.forEach(one -> kept.putIfAbsent(one.id(), why));
    }

    private static Stream<Candidate> newest(List<Candidate> sorted, Predicate<Candidate> which) {
        return sorted.stream().filter(which).limit(1);
    }

    private static Stream<Candidate> younger(List<Candidate> sorted, Duration age, Instant now) {
        return sorted.stream().filter(one -> one.createdAt().isAfter(now.minus(age)));
    }

    /**
     * The newest one with the kind's JSON files, while the move away from them is not too long ago; and so long the first one without
     * them, which alone tells when that was.
     */
    private static void keepArrays(
            Map<SnapshotId, String> kept, List<Candidate> sorted, Kind kind, Duration after, Instant now) {
        Optional<Candidate> last =
                sorted.stream().filter(one -> one.arrays().contains(kind)).findFirst();
        Optional<Candidate> firstWithout = sorted.stream()
                .filter(one -> last.isPresent() && NEWEST_FIRST.compare(one, last.get()) < 0 && one.complete())
                .reduce((newer, older) -> older);
        if (firstWithout.isEmpty() || firstWithout.get().createdAt().plus(after).isAfter(now)) {
            String files = "the JSON files of the " + kind.plural();
            keep(kept, last.stream(), "the last with " + files + ", kept " + words(after) + " after the move");
            keep(kept, firstWithout.stream(), "the first without " + files + ", which tells when the move was");
        }
    }

    /** The newest one of each of the newest {@code count} spans that have any. */
    private static <T> Stream<Candidate> first(List<Candidate> sorted, int count, Function<Instant, T> span) {
        Set<T> seen = new HashSet<>();
        return sorted.stream()
                .filter(one -> seen.size() < count && seen.add(span.apply(one.createdAt())))
                .toList()
                .stream();
    }

    private static LocalDate day(Instant at) {
        return at.atZone(ZoneOffset.UTC).toLocalDate();
    }

    private static LocalDate week(Instant at) {
        return day(at).with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
    }

    private static String gone(Candidate one, Rules rules) {
        String age = rules.keepFor().isZero() ? "" : "older than " + words(rules.keepFor()) + " and ";
        return (one.damaged() ? "damaged; " : "") + age + "kept by no rule";
    }

    private static String words(Duration age) {
        return age.toDays() > 0 && age.equals(Duration.ofDays(age.toDays()))
                ? age.toDays() + " days"
                : age.toHours() + " h";
    }
}
