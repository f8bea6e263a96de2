package io.homebudget.ledger.storage.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Edit;
import io.homebudget.ledger.entry.EntryRules;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.Verdict;
import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.storage.store.GroupTotal;
import io.homebudget.ledger.storage.store.Grouping;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.IfMatch;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** The same random requests give the same verdicts, and the same bytes of every list, in all four phases. */
@Tag("A10")
@Tag("A13")
@Tag("A14")
class EngineSameVerdictIT {
    private static final EntryRules RULES = new EntryRules(Kind.EXPENSE, "₪");
    private static final String[] KEYS = {
        "date", "business", "category", "amount", "account", "currency", "notes", "id", "x"
    };
    private static final String[] VALUES = {
        "null",
        "true",
        "7",
        "-0.01",
        "150.5",
        "1e2",
        "1.005",
        "9999999999999",
        "9999999999.99",
        "\"\"",
        "\" \"",
        "\"2026-02-28\"",
        "\"2026-02-30\"",
        "\"0001-01-01\"",
        "\"9999-12-31\"",
        "\"150.50\"",
        "\"Caf\u00e9\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\ud83d\\ude00\"",
        "\"e\u0301\"",
        "\"Z\"",
        "\"a\"",
        "\"A \"",
        "\"%_\\\\'\"",
        "[]",
        "{}"
    };
    private static final Map<Phase, RealEngine> ENGINES = new EnumMap<>(Phase.class);

    @BeforeContainer
    static void open() {
        for (Phase phase : Phase.values()) {
            RealEngine real = new RealEngine();
            real.moveTo(phase);
            ENGINES.put(phase, real);
        }
    }

    @AfterContainer
    static void close() {
        ENGINES.values().forEach(RealEngine::close);
        ENGINES.clear();
    }

    @Property(tries = 40, shrinking = ShrinkingMode.OFF)
    void anyRequestGetsTheSameAnswerInEveryPhase(@ForAll long seed) {
        Map<Phase, List<String>> told = new EnumMap<>(Phase.class);
        ENGINES.forEach((phase, real) -> told.put(phase, story(real, new Random(seed))));
        for (Phase phase : Phase.values()) {
            assertThat(told.get(phase)).as("%s", phase).isEqualTo(told.get(Phase.JSON_ONLY));
        }
    }

    private static List<String> story(RealEngine real, Random random) {
        List<String> story = new ArrayList<>();
        List<Long> ids = new ArrayList<>(real.served().keySet());
        for (int i = 0; i < 12; i++) {
            // ids differ between stores that lease them in blocks, so requests and answers name an entry by its rank
            int rank = random.nextInt(ids.size() + 2);
            long id = rank < ids.size() ? ids.get(rank) : 4_000_000_000L;
            story.add(one(real, random, id, ids));
        }
        List<Held> listed = real
                .engine()
                .ledger()
                .list(Listing.ALL)
                .chain(served -> served.value().collect().asList())
                .await()
                .atMost(RealEngine.LIMIT)
                .stream()
                .flatMap(List::stream)
                .toList();
        story.add(listed.stream().map(held -> bytes(held, ids)).collect(Collectors.joining("\n")));
        for (Grouping by : Grouping.values()) {
            List<GroupTotal> totals = real.engine()
                    .ledger()
                    .summarize(by, Listing.ALL)
                    .await()
                    .atMost(RealEngine.LIMIT)
                    .value();
            story.add(totals.toString());
        }
        return story;
    }

    private static String one(RealEngine real, Random random, long id, List<Long> ids) {
        byte[] body = body(random).getBytes(StandardCharsets.UTF_8);
        switch (random.nextInt(7)) {
            case 0:
                return told(real.write(request(new Intent.Delete(id, ifMatch(real, random, id)))), ids);
            case 1:
                return edited(real, random, RULES.put(body), id, ids);
            case 2:
                return edited(real, random, RULES.patch(patch(random).getBytes(StandardCharsets.UTF_8)), id, ids);
            case 3:
                return told(real.write(request(new Intent.BulkDelete(List.of(id, id + 1_000_000_000L)))), ids);
            default:
                var draft = RULES.create(body);
                return draft.accepted()
                        ? told(real.write(request(new Intent.Create(draft.value()))), ids)
                        : draft.refusal().toString();
        }
    }

    private static String edited(RealEngine real, Random random, Verdict<Verdict<Edit>> edit, long id, List<Long> ids) {
        return edit.accepted()
                ? told(real.write(request(new Intent.Modify(id, edit.value(), ifMatch(real, random, id)))), ids)
                : edit.refusal().toString();
    }

    /** None, the version that stands, an older one, or any: what its ETag is differs from store to store, what it means does not. */
    private static IfMatch ifMatch(RealEngine real, Random random, long id) {
        int chosen = random.nextInt(4);
        Held held = real.find(id);
        UUID stale = new UUID(1, 1);
        return switch (chosen) {
            case 0 -> new IfMatch(false, Set.of(stale));
            case 1 -> new IfMatch(false, held == null ? Set.of(stale) : Set.of(stale, held.changeId()));
            case 2 -> new IfMatch(true, Set.of());
            default -> IfMatch.NONE;
        };
    }

    /** One field by name: known, unknown or the id; now and then of a wrong shape (A14). */
    private static String patch(Random random) {
        String field = "\"" + KEYS[random.nextInt(KEYS.length)] + "\"";
        String value = VALUES[random.nextInt(VALUES.length)];
        return switch (random.nextInt(8)) {
            case 0 -> "{\"field\":" + field + "}";
            case 1 -> "{\"field\":" + value + ",\"value\":" + value + "}";
            default -> "{\"field\":" + field + ",\"value\":" + value + "}";
        };
    }

    private static WriteRequest request(Intent intent) {
        return new WriteRequest(intent, "user", null);
    }

    /** Mostly legal, in one or two places arbitrary. */
    private static String body(Random random) {
        Map<String, String> fields = new LinkedHashMap<>(Map.of(
                "date",
                "\"2026-03-1" + random.nextInt(10) + "\"",
                "category",
                "\"c" + random.nextInt(3) + "\"",
                "amount",
                random.nextInt(100_000) + ".5",
                "account",
                "\"a\""));
        for (int i = random.nextInt(3); i > 0; i--) {
            fields.put(KEYS[random.nextInt(KEYS.length)], VALUES[random.nextInt(VALUES.length)]);
        }
        return new TreeMap<>(fields)
                .entrySet().stream()
                        .map(field -> "\"" + field.getKey() + "\":" + field.getValue())
                        .collect(Collectors.joining(",", "{", "}"));
    }

    private static String told(WriteOutcome outcome, List<Long> ids) {
        if (outcome instanceof WriteOutcome.Written written) {
            return written.set().changes().stream()
                    .map(change -> {
                        if (!ids.contains(change.entryId())) {
                            ids.add(change.entryId());
                        }
                        return change.action() + " version " + change.version() + " "
                                + (change.after() == null
                                        ? "gone"
                                        : EntryWriter.compact(
                                                Kind.EXPENSE, change.after().withId(ids.indexOf(change.entryId()))));
                    })
                    .collect(Collectors.joining());
        }
        if (outcome instanceof WriteOutcome.Unchanged unchanged) {
            return "unchanged " + (unchanged.held() == null ? "" : bytes(unchanged.held(), ids));
        }
        return outcome.getClass().getSimpleName()
                + ((WriteOutcome.Refused) outcome).refusal().error();
    }

    private static String bytes(Held held, List<Long> ids) {
        return held.version() + " "
                + EntryWriter.compact(
                        Kind.EXPENSE,
                        held.entry().withId(ids.indexOf(held.entry().id())));
    }
}
