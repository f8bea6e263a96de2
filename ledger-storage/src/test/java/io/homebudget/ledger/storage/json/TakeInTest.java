package io.homebudget.ledger.storage.json;

import static io.homebudget.ledger.storage.json.Stores.all;
import static io.homebudget.ledger.storage.json.Stores.await;
import static io.homebudget.ledger.storage.json.Stores.created;
import static io.homebudget.ledger.storage.json.Stores.open;
import static io.homebudget.ledger.storage.json.Stores.ruling;
import static io.homebudget.ledger.storage.json.Stores.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.entry.EntryRules;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.InitialFile;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TakeInTest {
    @TempDir
    Path home;

    private Path folder;
    private Path array;

    @BeforeEach
    void place() throws IOException {
        folder = Files.createDirectories(home.resolve("data"));
        array = folder.resolve("expenses.json");
    }

    private static String record(String id, String amount) {
        return "{\"date\": \"2025-11-02\", \"business\": \"b\", \"category\": \"c\", \"amount\": " + amount
                + ", \"account\": \"a\", \"currency\": \"x\", \"notes\": \"\", \"id\": " + id + "}";
    }

    // ---- the first time ------------------------------------------------------------------------------------------

    @Test
    void the_first_take_canonicalises_what_it_can_and_keeps_the_rest_verbatim() throws IOException {
        String bad = record("3", "1.005");
        String content = "[" + record("1", "\"150.50\"") + ",\n" + record("2", "100") + ",\n" + bad + ",\n"
                + record("4", "NaN") + ",\n" + record("1", "7.0") + ",\n5]";
        Files.writeString(array, content);

        try (JsonStore store = open(folder)) {
            assertThat(all(store)).extracting(h -> h.entry().cents()).containsExactly(100_00L, 150_50L);
            assertThat(all(store)).allMatch(h -> h.version() == 1);
            assertThat(store.rejected()).isEqualTo(4);
            assertThat(await(store.publishedThrough())).contains(InitialFile.unpublished(2));
            assertThat(await(store.idsThrough())).isEqualTo(4);
            assertThat(await(store.head())).isZero();
        }
        assertThat(folder.resolve("expenses.json.original")).hasContent(content);
        assertThat(Stores.text(array)).contains("\"amount\": 150.5,").doesNotContain("NaN");
        assertThat(Files.readAllLines(folder.resolve("rejected.ndjson")))
                .hasSize(4)
                .anySatisfy(line -> assertThat(line)
                        .contains("\"line\":3")
                        .contains("amount cannot be taken")
                        .contains(bad.replace("\"", "\\\"")))
                .anySatisfy(line -> assertThat(line).contains("same id"));
        try (JsonStore again = open(folder)) {
            assertThat(again.rejected()).isEqualTo(4);
        }
    }

    @Test
    void notes_longer_than_a_request_could_bring_are_a_record_that_cannot_be_taken_not_a_file_that_cannot_be_read()
            throws IOException {
        String far = record("2", "1.0").replace("\"notes\": \"\"", "\"notes\": \"" + "n".repeat(21_000_000) + "\"");

        ForeignArray taken = ForeignArray.read(
                array,
                ("[" + record("1", "1.0") + "," + far + "]").getBytes(StandardCharsets.UTF_8),
                new EntryRules(Kind.EXPENSE, "x")::take);

        assertThat(taken.entries()).containsOnlyKeys(1L);
        assertThat(taken.rejects()).singleElement().satisfies(reject -> assertThat(reject.reason())
                .contains("at most 1048576 bytes"));
    }

    @Test
    void an_interrupted_first_take_is_repeated() throws IOException {
        Files.writeString(array, "[" + record("1", "1.0") + "," + record("2", "1.005") + "]");
        FaultyDisk disk = new FaultyDisk();
        for (FaultyDisk.Call call : FaultyDisk.Call.values()) {
            disk.fails = (c, file) -> c == call && !file.startsWith("ledger");
            try {
                open(Stores.config(folder), disk).stop();
            } catch (RuntimeException e) {
                assertThat(Stores.text(array)).startsWith("[");
            }
        }
        try (JsonStore store = open(folder)) {
            assertThat(all(store)).hasSize(1);
            assertThat(store.rejected()).isEqualTo(1);
        }
    }

    @Test
    void a_file_that_keeps_changing_blocks_the_start_saying_so() throws Exception {
        Files.writeString(array, "[]");
        JsonStoreConfig config =
                Stores.config(folder).withTimes(Duration.ofHours(1), Duration.ofSeconds(3), Duration.ofMillis(300));
        assertThatThrownBy(() -> open(config, Disk.REAL))
                .isInstanceOfSatisfying(RecoveryRequired.class, refused -> assertThat(refused.what())
                        .isEqualTo("the file keeps changing, so somebody else still writes it"))
                .hasMessageContaining("keeps changing")
                .hasMessageContaining("Stop the old backend");
        assertThat(array).hasContent("[]");
    }

    // ---- edits ---------------------------------------------------------------------------------------------------

    private void edit(String from, String to) throws IOException {
        String content = Files.readString(array);
        assertThat(content).contains(from);
        Files.writeString(array, content.replace(from, to));
    }

    @Test
    void an_edit_made_while_stopped_is_taken_in_as_changes_A42() throws IOException {
        JsonStore store = ruling(folder);
        created(store, "edited");
        created(store, "removed");
        created(store, "same");
        written(store, Stores.delete(created(store, "dead")));
        store.close();
        String content = Files.readString(array);
        int two = content.indexOf("removed");
        String removed = content.substring(content.lastIndexOf("{", two), content.indexOf("}", two) + 1);
        Files.writeString(
                array,
                content.replace(removed, removed.replace("\"id\": 2", "\"id\": 4"))
                        .replace("\"edited\"", "\"by hand\""));

        for (int round = 0; round < 2; round++) {
            try (JsonStore again = open(folder)) {
                assertThat(again.notices()).hasSize(round == 0 ? 1 : 0);
                Held edited = await(again.find(1));
                assertThat(edited.entry().notes()).isEqualTo("by hand");
                assertThat(edited.version()).isEqualTo(2);
                assertThat(await(again.find(2))).isNull();
                assertThat(await(again.find(3)).version()).isEqualTo(1);
                assertThat(await(again.find(4)).version()).isEqualTo(3);
                assertThat(await(again.log(5, 10)).sets()).hasSize(1).allSatisfy(set -> {
                    assertThat(set.by()).isEqualTo("file");
                    assertThat(set.changes()).hasSize(3);
                });
            }
        }
        assertThat(Stores.named(folder, ".foreign-")).hasSize(1);
    }

    @Test
    void where_the_journal_changed_the_same_entry_ours_stays_and_the_edit_is_reported_A42() throws IOException {
        JsonStore store = ruling(folder);
        created(store, "one");
        created(store, "two");
        await(store.checkpoint());
        written(store, Stores.amount(1, 77_00));
        store.stop();
        edit("12.5", "99.0");

        try (JsonStore again = open(folder)) {
            assertThat(await(again.find(1)).entry().cents()).isEqualTo(77_00);
            assertThat(await(again.find(2)).entry().cents()).isEqualTo(99_00);
            assertThat(again.notices()).anyMatch(n -> n.startsWith("Entry 1 was changed both"));
        }
    }

    @Test
    void an_edit_made_while_running_is_kept_aside_and_reported_A42() throws IOException {
        try (JsonStore store = ruling(folder)) {
            created(store, "one");
            await(store.checkpoint());
            edit("one", "foreign");
            created(store, "two");
            await(store.checkpoint());
            assertThat(store.notices()).singleElement().asString().contains("not taken in");
            assertThat(Stores.text(Stores.named(folder, ".foreign-").get(0))).contains("foreign");
            assertThat(Stores.text(array)).contains("one").contains("two").doesNotContain("foreign");
        }
    }

    @Test
    void a_file_that_was_only_touched_is_no_edit_A42() throws IOException {
        JsonStore store = ruling(folder);
        created(store, "one");
        store.close();
        Files.write(array, Files.readAllBytes(array));
        try (JsonStore again = open(folder)) {
            assertThat(again.notices()).isEmpty();
            Files.write(array, Files.readAllBytes(array));
            created(again, "two");
            await(again.checkpoint());
            assertThat(again.notices()).isEmpty();
        }
    }

    @Test
    void an_edit_into_something_illegal_is_refused_with_its_line() throws IOException {
        JsonStore store = ruling(folder);
        created(store, "one");
        store.close();
        edit("12.5", "1.005");
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(RecoveryRequired.class)
                .hasMessageContaining("in line 2");
        edit("1.005", "12.5");
        open(folder).close();
    }

    @Test
    void an_edit_of_a_follower_is_a_discrepancy_and_no_change_A42() throws IOException {
        JsonStore store = ruling(folder);
        created(store, "one");
        created(store, "two");
        await(store.decide(Stores.FIRST, new Rule(2, Phase.DATABASE_READS)));
        long head = await(store.head());
        store.close();
        edit("one", "foreign");

        for (int round = 0; round < 2; round++) {
            try (JsonStore again = open(folder)) {
                assertThat(await(again.head())).isEqualTo(head);
                assertThat(await(again.states(List.of(1L, 2L))))
                        .extracting(s -> s.intact())
                        .containsExactly(false, true);
                assertThat(await(again.states(1, 0, DataSource.DISK)))
                        .containsExactlyInAnyOrderElementsOf(await(again.states(1, 0, DataSource.SERVED)));
            }
        }
        assertThat(Stores.named(folder, ".foreign-")).hasSize(1);
    }
}
