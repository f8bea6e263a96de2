package io.homebudget.ledger.storage.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.entry.Edit;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.error.Verdict;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.IfMatch;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.Standing;
import io.homebudget.ledger.storage.store.StoreAway;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.homebudget.ledger.storage.testing.MemoryStore;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.statistics.Statistics;

/**
 * Random histories of writes, phase changes, crashes, outages and lost answers against a model that knows of each entry which
 * contents are possible: one after an acknowledged write, two after a write whose outcome is unknown.
 */
@Tag("A16")
@Tag("A35")
@Tag("A36")
class RouterHistoriesTest {
    private static final int STEPS = 60;
    private static final String ABSENT = "absent";

    private final Map<Long, Set<String>> possible = new HashMap<>();
    private final Set<String> perhapsCreated = new HashSet<>();
    private int serial;

    @Property(tries = 25, shrinking = ShrinkingMode.OFF)
    void noAcknowledgedWriteIsLostAndNoDeletedEntryComesBack(@ForAll long seed) {
        possible.clear();
        perhapsCreated.clear();
        List<String> story = new ArrayList<>();
        Random random = new Random(seed);
        try (EngineFixture fixture = new EngineFixture()) {
            for (int i = random.nextInt(4); i > 0; i--) {
                write(fixture, random, story);
                forward(fixture, story);
            }
            for (int i = 0; i < STEPS; i++) {
                step(fixture, random, story);
            }
            fixture.json.clearFaults();
            fixture.postgres.clearFaults();
            settle(fixture, story);
            Map<Long, Held> served = serving(fixture).liveEntries();
            checkAgainstModel(served, story);
            story.stream()
                    .filter(line -> line.startsWith("move") || line.contains("Unknown"))
                    .forEach(line -> Statistics.label("what happened").collect(line.replaceAll("[0-9]+ ", "")));
            Phase phase = fixture.engine().state().phase();
            if (phase.dual() && backfilled(fixture)) {
                await("both stores equal after " + story)
                        .atMost(EngineFixture.LIMIT)
                        .untilAsserted(() -> assertThat(fixture.json.liveEntries())
                                .describedAs("%s", story)
                                .isEqualTo(fixture.postgres.liveEntries()));
            }
        }
    }

    private static boolean backfilled(EngineFixture fixture) {
        MemoryStore follower = serving(fixture) == fixture.json ? fixture.postgres : fixture.json;
        return follower.standing().await().atMost(EngineFixture.LIMIT).followerState()
                == Standing.FollowerState.FOLLOWING;
    }

    private static MemoryStore serving(EngineFixture fixture) {
        return fixture.engine().state().phase().useDatabaseStorage() ? fixture.postgres : fixture.json;
    }

    private void step(EngineFixture fixture, Random random, List<String> story) {
        switch (random.nextInt(21)) {
            case 0:
                story.add("postgres away");
                fixture.postgres.away(true);
                break;
            case 1:
            case 2:
                story.add("postgres back");
                fixture.postgres.away(false);
                if (random.nextBoolean()) {
                    fixture.attached();
                }
                break;
            case 3:
                story.add("postgres loses an answer");
                fixture.postgres.loseNextAnswer();
                break;
            case 4:
                story.add("crash");
                fixture.crash();
                break;
            case 5:
            case 6:
            case 7:
                move(fixture, random, story);
                break;
            case 8:
            case 9:
                story.add("backfill");
                backfill(fixture);
                break;
            case 10:
                cut(fixture, story);
                break;
            default:
                write(fixture, random, story);
        }
    }

    /** As when it has grown over its limit: whoever needed it must notice and start anew (A43). */
    private static void cut(EngineFixture fixture, List<String> story) {
        if (fixture.engine().state().phase() == null) {
            return;
        }
        story.add("log cut");
        MemoryStore log = serving(fixture);
        log.head()
                .chain(log::cutLog)
                .onFailure(StoreAway.class)
                .recoverWithNull()
                .await()
                .atMost(EngineFixture.LIMIT);
    }

    private static void forward(EngineFixture fixture, List<String> story) {
        fixture.forward();
        story.add("moved to " + fixture.engine().state().phase());
    }

    private static void backfill(EngineFixture fixture) {
        try {
            fixture.engine().startBackfill();
        } catch (PhaseChangeRefused none) {
            return;
        }
        await().atMost(EngineFixture.LIMIT)
                .until(() -> !fixture.engine().backfill().state().equals("running"));
    }

    private static void move(EngineFixture fixture, Random random, List<String> story) {
        Phase phase = fixture.engine().state().phase();
        if (phase == null) {
            return;
        }
        Phase target = (random.nextInt(3) > 0 ? phase.next() : phase.previous()).orElse(null);
        if (target == null || waitsInVain(fixture, phase, target) && random.nextInt(4) > 0) {
            return;
        }
        try {
            fixture.move(target);
            story.add("moved to " + target);
        } catch (PhaseChangeRefused refused) {
            story.add("move to " + target + " refused: " + refused.refusal().error());
        }
    }

    /** For seconds, for a PostgreSQL that no step of the history brings back meanwhile: asked for now and then only. */
    private static boolean waitsInVain(EngineFixture fixture, Phase phase, Phase target) {
        boolean needsPostgres = target.primary() == StoreName.POSTGRES || phase == Phase.JSON_ONLY;
        return needsPostgres && !fixture.connected();
    }

    private void write(EngineFixture fixture, Random random, List<String> story) {
        String content = "content " + serial++;
        List<Long> known = new ArrayList<>(possible.keySet());
        int choice = known.isEmpty() ? 0 : random.nextInt(4);
        long id = known.isEmpty() ? 0 : known.get(random.nextInt(known.size()));
        if (choice == 0) {
            Entry draft = new Entry(0, LocalDate.of(2026, 1, 31), "b", "c", 100, "a", "₪", content);
            WriteOutcome outcome = send(fixture, new Intent.Create(draft));
            story.add("create -> " + outcome.getClass().getSimpleName());
            if (outcome instanceof WriteOutcome.Written written) {
                long given = written.set().changes().get(0).entryId();
                assertThat(possible).describedAs("id given twice: %s", story).doesNotContainKey(given);
                possible.put(given, new HashSet<>(Set.of(content)));
            } else if (outcome instanceof WriteOutcome.Unknown) {
                perhapsCreated.add(content);
            }
        } else if (choice == 1) {
            WriteOutcome outcome = send(fixture, new Intent.Delete(id, IfMatch.NONE));
            story.add("delete " + id + " -> " + outcome.getClass().getSimpleName());
            note(id, ABSENT, outcome);
        } else {
            Edit edit = new Edit(Map.of(Field.NOTES, content));
            WriteOutcome outcome = send(fixture, new Intent.Modify(id, Verdict.accept(edit), IfMatch.NONE));
            story.add("modify " + id + " -> " + outcome.getClass().getSimpleName());
            note(id, content, outcome);
        }
    }

    private void note(long id, String content, WriteOutcome outcome) {
        if (outcome instanceof WriteOutcome.Written written) {
            Change change = written.set().changes().get(0);
            assertThat(change.action() == Action.DELETED).isEqualTo(content.equals(ABSENT));
            possible.put(id, new HashSet<>(Set.of(content)));
        } else if (outcome instanceof WriteOutcome.Unknown) {
            possible.get(id).add(content);
        } else if (outcome instanceof WriteOutcome.Refused) {
            assertThat(possible.get(id)).contains(ABSENT);
        }
    }

    private static WriteOutcome send(EngineFixture fixture, Intent intent) {
        return fixture.engine()
                .ledger()
                .write(new WriteRequest(intent, "user", null))
                .await()
                .atMost(EngineFixture.LIMIT);
    }

    private static void settle(EngineFixture fixture, List<String> story) {
        await("settled after " + story).atMost(EngineFixture.LIMIT).until(() -> {
            var state = fixture.engine().state();
            return state.phase() != null
                    && state.followerLag() == 0
                    && "connected".equals(state.stores().get("postgres"))
                    && (state.phase() != Phase.DATABASE_READS || state.inSync() || !backfilled(fixture));
        });
    }

    private void checkAgainstModel(Map<Long, Held> served, List<String> story) {
        possible.forEach((id, contents) -> {
            String actual = served.containsKey(id) ? served.get(id).entry().notes() : ABSENT;
            assertThat(contents).describedAs("entry %d after %s", id, story).contains(actual);
        });
        served.forEach((id, held) -> {
            if (!possible.containsKey(id)) {
                assertThat(perhapsCreated)
                        .describedAs("entry %d came from nowhere after %s", id, story)
                        .contains(held.entry().notes());
            }
        });
    }
}
