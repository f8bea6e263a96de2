package io.homebudget.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.e2e.load.LargeLedger;
import io.homebudget.e2e.stack.Moves;
import io.homebudget.e2e.stack.Stack;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A dry run tells what the run will take: seconds within 30 % or 3 s, the larger, the size of the tables it fills, for entries of ordinary
 * length, and exactly as many conflicts and rejects. Dry run and run follow each other at once; where other work on the machine came between
 * them, the pair is made again: of the other kind, which nothing was learnt of yet either, and last of that kind anew, by what its first run
 * took. For a machine that does nothing else.
 */
@Timeout(value = 900, unit = TimeUnit.SECONDS)
class ForecastIT {
    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final List<String> ATTEMPTS = List.of("expense", "income", "income");
    private static final double SHARE = 0.3;
    private static final double SECONDS = 3;

    /** What the file holds that no rule takes in. */
    private static final List<String> UNREADABLE =
            List.of("{\"id\": \"none\"}", "{\"amount\": 1.0}", "\"not an entry\"");

    /** Entries with longer notes or more categories than usual take more; this file has a category of its own for each. */
    private static final double DISK_FACTOR = 1.5;

    @TempDir
    Path folder;

    /** What was told before a run, and what the run then took. */
    private record Pair(String kind, String target, JsonNode forecast, JsonNode run, long grown) {
        double told() {
            return forecast.path("seconds").asDouble(-1);
        }

        double took() {
            return Duration.between(at("created_at"), at("finished_at")).toMillis() / 1e3;
        }

        private Instant at(String moment) {
            return Instant.parse(run.path(moment).asText());
        }

        boolean within() {
            return Math.abs(told() - took()) <= Math.max(SECONDS, SHARE * told());
        }

        String text() {
            return String.format(
                    Locale.ROOT,
                    "%s to %s: told %.1f s, took %.1f s%s; told %d bytes, grew by %d; %s",
                    kind,
                    target,
                    told(),
                    took(),
                    within() ? "" : " (NOT WITHIN)",
                    forecast.path("disk_bytes").asLong(),
                    grown,
                    steps());
        }

        private String steps() {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < run.path("steps").size(); i++) {
                JsonNode step = run.path("steps").get(i);
                text.append(String.format(
                        Locale.ROOT,
                        "%s %.1f -> %.1f, ",
                        step.path("name").asText(),
                        forecast.path("steps").path(i).path("seconds").asDouble(-1),
                        step.path("seconds").asDouble(-1)));
            }
            return text + "based on " + forecast.path("based_on").asText();
        }
    }

    @Test
    @Tag("faults")
    void what_a_dry_run_tells_comes_true_at_100_000_entries() throws Exception {
        compare("forecast", 100_000);
    }

    @Test
    @Tag("faults")
    void what_a_dry_run_tells_comes_true_at_1_000_000_entries() throws Exception {
        compare("forecast-long", 1_000_000);
    }

    private void compare(String name, int entries) throws Exception {
        try (Stack stack = new Stack(folder.resolve(name))) {
            Report report = new Report(name);
            Path ledger = LargeLedger.write(folder.resolve(name + "-import"), entries);
            damage(ledger.resolve("expenses.json"));
            damage(ledger.resolve("incomes.json"));
            report.step("ready", () -> stack.ready("--import", ledger.toString()));
            Moves moves = new Moves(stack);
            for (int to = 1; to < Moves.PHASES.size(); to++) {
                comesTrue(stack, moves, entries, Moves.PHASES.get(to - 1), Moves.PHASES.get(to), report);
            }
        }
    }

    private static void comesTrue(Stack stack, Moves moves, int entries, String from, String target, Report report)
            throws Exception {
        List<Pair> pairs = new ArrayList<>();
        for (String kind : ATTEMPTS) {
            moves.take(from, kind);
            Pair pair = toldAndDone(stack, moves, kind, target);
            pairs.add(pair);
            report.line(pair.text());
            theRestIsExact(stack, moves, entries, pair);
            if (pair.within()) {
                break;
            }
        }

        assertThat(pairs).as("seconds told and taken").anyMatch(Pair::within);
        moves.take(target, ATTEMPTS.get(0));
    }

    private static Pair toldAndDone(Stack stack, Moves moves, String kind, String target) throws Exception {
        settled(moves, kind);
        long before = size(stack, kind);
        JsonNode forecast = moves.forecast(kind, target);
        JsonNode run = moves.follow(moves.begin(kind, target));
        assertThat(run.path("state").asText()).as(run.toPrettyString()).isEqualTo("succeeded");
        return new Pair(kind, target, forecast, run, size(stack, kind) - before);
    }

    private static void theRestIsExact(Stack stack, Moves moves, int entries, Pair pair) throws Exception {
        JsonNode forecast = pair.forecast();
        assertThat(forecast.path("entries").asInt()).isEqualTo(entries);
        assertThat(forecast.path("rejected").asInt())
                .isEqualTo(UNREADABLE.size())
                .isEqualTo(pair.run().path("rejected").asInt())
                .isEqualTo(rejected(stack, pair.kind()));
        assertThat(forecast.path("conflicts").asInt(-1))
                .isEqualTo(moves.state(pair.kind()).path("orphans").asInt());
        long told = forecast.path("disk_bytes").asLong(-1);
        if (pair.target().equals("DUAL_WRITE")) {
            // a second filling of the same tables grows them by less, so it is what stands there that counts
            long stands = size(stack, pair.kind());
            assertThat(told).isBetween((long) (stands / DISK_FACTOR), (long) (stands * DISK_FACTOR));
        } else {
            assertThat(told).as("nothing is copied").isZero();
        }
    }

    /** What an earlier run left to do does not count as the next one's. */
    private static void settled(Moves moves, String kind) throws Exception {
        if (!moves.phase(kind).equals("JSON_ONLY")) {
            moves.awaitPublished(kind, LIMIT);
        }
    }

    private static long size(Stack stack, String kind) throws Exception {
        try (Connection connection = stack.postgres();
                Statement sql = connection.createStatement();
                ResultSet sum =
                        sql.executeQuery("select coalesce(sum(pg_total_relation_size(c.oid)), 0) from pg_class c"
                                + " join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and n.nspname = '"
                                + kind
                                + "'")) {
            sum.next();
            return sum.getLong(1);
        }
    }

    private static int rejected(Stack stack, String kind) throws IOException {
        try (Stream<String> lines =
                Files.lines(stack.home().resolve("data").resolve(kind).resolve("rejected.ndjson"))) {
            return (int) lines.count();
        }
    }

    /** Adds what cannot be taken in to the array's end. */
    private static void damage(Path array) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(array.toFile(), "rw")) {
            file.seek(file.length() - "\n]".length());
            for (String record : UNREADABLE) {
                file.writeBytes(",\n  " + record);
            }
            file.writeBytes("\n]");
        }
    }
}
