package io.homebudget.backup.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.backup.format.Reason;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.ledger.entry.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetentionTest {
    private static final Instant NOW = Instant.parse("2026-06-15T12:00:00Z");
    private static final Rules DEV = rules(2, 0, 0, 0, 0, 0);
    private static final Rules STAGING = rules(1, 7, 0, 0, 0, 0);
    private static final Rules PROD = rules(1, 30, 0, 0, 0, 0);

    /** Snapshots are named by their age in hours. */
    private final List<Candidate> all = new ArrayList<>();

    @ParameterizedTest(name = "{0}: one a day for 40 days keeps {1}")
    @CsvSource({"dev, 2", "staging, 7", "prod, 30"})
    void eachEnvironmentKeepsWhatWasAskedFor(String environment, int kept) {
        // Given
        daily(40);
        Rules rules = environment.equals("dev") ? DEV : environment.equals("staging") ? STAGING : PROD;
        // Then
        assertThat(keptAges(rules))
                .containsExactlyElementsOf(
                        IntStream.range(0, kept).map(day -> day * 24).boxed().toList());
    }

    @ParameterizedTest(name = "hourly {0}, daily {1}, weekly {2}, monthly {3}: {4}")
    @CsvSource({
        "3, 0, 0, 0, 0 1 2",
        "0, 3, 0, 0, 0 13 37",
        "0, 0, 2, 0, 0 13",
        "0, 0, 0, 2, 0 349",
        "1, 2, 2, 2, 0 13 349"
    })
    void theNewestOfEachHourDayWeekAndMonthIsKept(int hourly, int daily, int weekly, int monthly, String ages) {
        // Given Monday, 12:00, and one every hour back into May
        for (int hour = 0; hour < 24 * 40; hour++) {
            add(hour, Reason.SCHEDULED);
        }
        // Then
        assertThat(keptAges(rules(0, 0, hourly, daily, weekly, monthly)))
                .extracting(String::valueOf)
                .containsExactly(ages.split(" "));
    }

    @Test
    @Tag("A27")
    void withTheClockMoved60DaysTheLastVerifiedOneStays() {
        // Given
        daily(10);
        all.set(0, bad(all.get(0)));
        // When
        Set<SnapshotId> kept = kept(PROD, NOW.plus(Duration.ofDays(60)));
        // Then
        assertThat(kept).containsExactly(all.get(1).id());
    }

    @Test
    void withTheClockMovedBackNothingGoesThatIsYounger() {
        daily(10);
        assertThat(kept(STAGING, NOW.minus(Duration.ofDays(60)))).hasSize(10);
    }

    @Test
    void aPinnedOneAndOneInUseStayWhateverTheirAge() {
        // Given
        daily(100);
        Candidate pinned = with(all.get(90), true, false);
        Candidate held = with(all.get(95), false, true);
        all.set(90, pinned);
        all.set(95, held);
        // Then
        assertThat(kept(PROD, NOW)).contains(pinned.id(), held.id()).hasSize(32);
    }

    @Test
    void whereNoneWasEverVerifiedTheNewestStays() {
        daily(5);
        all.replaceAll(one ->
                new Candidate(one.id(), one.createdAt(), one.reason(), false, false, false, false, true, one.arrays()));
        assertThat(kept(rules(0, 0, 0, 0, 0, 0), NOW))
                .containsExactly(all.get(0).id());
    }

    @Test
    void damagedOnesTakeNoPlaceAwayFromSoundOnes() {
        // Given the two newest are damaged
        daily(6);
        all.set(0, bad(all.get(0)));
        all.set(1, bad(all.get(1)));
        // Then
        assertThat(keptAges(DEV)).containsExactly(48, 72);
    }

    @Test
    @Tag("A27")
    void whereAllAreDamagedTheNewestStays() {
        // Given
        daily(40);
        all.replaceAll(RetentionTest::bad);
        // Then
        assertThat(keptAges(DEV)).containsExactly(0);
    }

    @Test
    void anIncompleteNewestDoesNotPushOutTheLastCompleteOne() {
        // Given
        add(0, Reason.SCHEDULED);
        Candidate newest = all.get(0);
        all.set(
                0,
                new Candidate(
                        newest.id(),
                        newest.createdAt(),
                        newest.reason(),
                        false,
                        true,
                        false,
                        false,
                        false,
                        newest.arrays()));
        add(900, Reason.SCHEDULED);
        add(1_000, Reason.SCHEDULED);
        // Then
        assertThat(keptAges(rules(0, 0, 0, 0, 0, 0))).containsExactly(0, 900);
    }

    @Test
    void migrationBackupsStayForSevenDaysAndTheLastThreeForEver() {
        // Given
        for (int day = 0; day < 3; day++) {
            add(day * 24 + 1, Reason.SCHEDULED);
        }
        for (int day : new int[] {5, 6, 8, 20, 30}) {
            add(day * 24, Reason.PRE_MIGRATION);
        }
        // Then
        assertThat(keptAges(DEV)).containsExactly(1, 25, 120, 144, 192);
    }

    @ParameterizedTest(name = "{0} days after the move the last JSON files are kept: {1}")
    @CsvSource({"1, true", "29, true", "30, false", "60, false"})
    void theLastJsonFilesStayFor30DaysAfterTheMove(int days, boolean kept) {
        // Given the last snapshot with JSON files, and daily ones without since
        for (int day = 0; day <= days; day++) {
            all.add(candidate(day * 24, Reason.SCHEDULED, EnumSet.noneOf(Kind.class)));
        }
        Candidate last = candidate((days + 1) * 24, Reason.SCHEDULED, EnumSet.of(Kind.EXPENSE));
        all.add(last);
        // Then
        assertThat(kept(DEV, NOW).contains(last.id())).isEqualTo(kept);
    }

    /** As it goes day by day: what was let go cannot tell any more when the move was. */
    @ParameterizedTest
    @CsvSource({"dev", "staging", "prod"})
    void theLastJsonFilesGo30DaysAfterTheMoveAlsoWhereTheRulesLetOthersGoSooner(String environment) {
        Rules rules = environment.equals("dev") ? DEV : environment.equals("staging") ? STAGING : PROD;
        int move = 5;
        Candidate files = null;
        for (int day = 0; day <= move + 40; day++) {
            Instant at = NOW.plus(Duration.ofDays(day));
            Candidate made = new Candidate(
                    SnapshotId.at(at, day),
                    at,
                    Reason.SCHEDULED,
                    false,
                    true,
                    false,
                    false,
                    true,
                    day < move ? EnumSet.allOf(Kind.class) : EnumSet.noneOf(Kind.class));
            files = day == move - 1 ? made : files;
            all.add(0, made);
            Set<SnapshotId> kept = kept(rules, at);
            all.removeIf(one -> !kept.contains(one.id()));

            if (day == move + 29) {
                assertThat(all).contains(files);
            }
        }
        assertThat(all).isNotEmpty().doesNotContain(files);
        assertThat(all).allSatisfy(one -> assertThat(one.arrays()).isEmpty());
    }

    @Test
    void everyDecisionSaysWhy() {
        daily(4);
        assertThat(Retention.decide(all, STAGING, NOW.plus(Duration.ofDays(6))))
                .extracting(decision -> decision.keep() + ": " + decision.why())
                .containsExactly(
                        "true: the newest that was proven whole",
                        "false: older than 7 days and kept by no rule",
                        "false: older than 7 days and kept by no rule",
                        "false: older than 7 days and kept by no rule");
    }

    private void daily(int days) {
        for (int day = 0; day < days; day++) {
            add(day * 24, Reason.SCHEDULED);
        }
    }

    private void add(int hoursOld, Reason reason) {
        all.add(candidate(hoursOld, reason, EnumSet.allOf(Kind.class)));
    }

    private static Candidate candidate(int hoursOld, Reason reason, Set<Kind> arrays) {
        Instant at = NOW.minus(Duration.ofHours(hoursOld));
        return new Candidate(SnapshotId.at(at, hoursOld), at, reason, false, true, false, false, true, arrays);
    }

    private static Candidate with(Candidate one, boolean pinned, boolean held) {
        return new Candidate(one.id(), one.createdAt(), one.reason(), pinned, true, false, held, true, one.arrays());
    }

    private static Candidate bad(Candidate one) {
        return new Candidate(one.id(), one.createdAt(), one.reason(), false, false, true, false, true, one.arrays());
    }

    private Set<SnapshotId> kept(Rules rules, Instant now) {
        return Retention.decide(all, rules, now).stream()
                .filter(Decision::keep)
                .map(Decision::id)
                .collect(Collectors.toSet());
    }

    private List<Integer> keptAges(Rules rules) {
        Set<SnapshotId> kept = kept(rules, NOW);
        return all.stream()
                .filter(one -> kept.contains(one.id()))
                .map(one -> (int) Duration.between(one.createdAt(), NOW).toHours())
                .sorted()
                .toList();
    }

    private static Rules rules(int last, int days, int hourly, int daily, int weekly, int monthly) {
        return new Rules(
                last,
                Duration.ofDays(days),
                hourly,
                daily,
                weekly,
                monthly,
                Duration.ofDays(7),
                3,
                Duration.ofDays(30));
    }
}
