package io.homebudget.ledger.storage.json;

import static io.homebudget.ledger.storage.json.Stores.all;
import static io.homebudget.ledger.storage.json.Stores.await;
import static io.homebudget.ledger.storage.json.Stores.created;
import static io.homebudget.ledger.storage.json.Stores.open;
import static io.homebudget.ledger.storage.json.Stores.ruling;
import static io.homebudget.ledger.storage.json.Stores.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.storage.journal.FrameBuffer;
import io.homebudget.ledger.storage.journal.FrameType;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import io.homebudget.ledger.storage.json.FaultyDisk.Call;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import io.homebudget.ledger.storage.store.StoreAway;
import io.homebudget.ledger.storage.store.WriteOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonStoreFaultsTest {
    @TempDir
    Path home;

    private Path folder;
    private final FaultyDisk disk = new FaultyDisk();

    @BeforeEach
    void place() {
        folder = home.resolve("data");
    }

    private JsonStore faulty() {
        return ruling(open(Stores.config(folder), disk));
    }

    private Path segment() {
        List<Path> segments = Stores.named(folder, "journal-").stream()
                .filter(f -> f.toString().endsWith(".log"))
                .toList();
        return segments.get(segments.size() - 1);
    }

    // ---- appending -----------------------------------------------------------------------------------------------

    @Test
    void a_failed_fsync_is_not_retried_and_its_outcome_is_unknown_A41() {
        AtomicInteger forces = new AtomicInteger();
        try (JsonStore store = faulty()) {
            created(store, "kept");
            List<Call> calls = new ArrayList<>();
            disk.before = (call, file) -> file.startsWith("journal-") && calls.add(call);
            disk.fails =
                    (call, file) -> call == Call.FORCE && file.startsWith("journal-") && forces.incrementAndGet() == 1;

            WriteOutcome outcome = Stores.write(store, Stores.create("in doubt"));

            assertThat(outcome).isInstanceOf(WriteOutcome.Unknown.class);
            assertThat(calls.subList(0, 3)).containsExactly(Call.APPEND, Call.FORCE, Call.OPEN);
            assertThat(all(store)).extracting(h -> h.entry().notes()).containsExactly("kept");
            created(store, "after");
        }
        try (JsonStore again = open(folder)) {
            assertThat(all(again)).extracting(h -> h.entry().notes()).contains("kept", "after");
        }
    }

    @Test
    void a_full_disk_refuses_writes_serves_reads_and_leaves_nothing_half_A4() {
        try (JsonStore store = faulty()) {
            created(store, "one");
            disk.tornBytes = 40;
            disk.fails = (call, file) -> call == Call.APPEND;

            assertThat(Stores.write(store, Stores.create("two"))).isInstanceOf(WriteOutcome.NotWritten.class);
            assertThatThrownBy(() -> await(store.raiseIds(1_000))).isInstanceOf(StoreAway.class);
            assertThatThrownBy(() -> await(store.checkpoint())).isInstanceOf(StoreAway.class);
            assertThat(all(store)).hasSize(1);
            await(store.markInSync(false));
            assertThat(store.inSync()).isFalse();

            disk.fails = (call, file) -> false;
            assertThat(created(store, "three")).isEqualTo(2);
        }
        try (JsonStore again = open(folder)) {
            assertThat(all(again)).extracting(h -> h.entry().notes()).containsExactlyInAnyOrder("one", "three");
        }
    }

    @Test
    void a_journal_that_can_be_neither_written_nor_repaired_refuses_until_it_can() {
        try (JsonStore store = faulty()) {
            created(store, "one");
            disk.fails = (call, file) -> file.startsWith("journal-");
            assertThat(Stores.write(store, Stores.create("two"))).isInstanceOf(WriteOutcome.Unknown.class);
            assertThat(Stores.write(store, Stores.create("three"))).isInstanceOf(WriteOutcome.NotWritten.class);
            assertThat(all(store)).hasSize(1);
            disk.fails = (call, file) -> false;
            created(store, "four");
            assertThat(await(store.log(0, 10)).sets()).hasSize(2);
        }
    }

    @Test
    void a_folder_that_cannot_be_written_is_refused_at_the_start() {
        open(folder).close();
        disk.fails = (call, file) -> call == Call.OPEN;
        assertThatThrownBy(() -> open(Stores.config(folder), disk)).hasMessageContaining("injected");
        open(folder).close();
    }

    @Test
    void the_in_sync_mark_survives_and_is_cleared_in_place() throws IOException {
        try (JsonStore store = open(folder)) {
            assertThat(store.inSync()).isFalse();
            await(store.markInSync(true));
        }
        long size = Files.size(folder.resolve("in-sync"));
        try (JsonStore store = open(Stores.config(folder), disk)) {
            assertThat(store.inSync()).isTrue();
            disk.fails = (call, file) -> call == Call.FORCE && file.equals("in-sync");
            assertThatThrownBy(() -> await(store.markInSync(false))).isInstanceOf(StoreAway.class);
            disk.fails = (call, file) -> false;
            await(store.markInSync(false));
        }
        assertThat(Files.size(folder.resolve("in-sync"))).isEqualTo(size);
        try (JsonStore store = open(folder)) {
            assertThat(store.inSync()).isFalse();
        }
    }

    // ---- crashes -------------------------------------------------------------------------------------------------

    @Test
    void a_crash_at_any_file_operation_loses_nothing_and_the_array_always_parses_A4_A42() {
        AtomicInteger copies = new AtomicInteger();
        List<List<Held>> states = new ArrayList<>();
        List<Path> crashes = new ArrayList<>();
        List<Integer> acknowledged = new ArrayList<>();
        UUID identity;
        try (JsonStore store = faulty()) {
            identity = store.identity();
            states.add(all(store));
            disk.before = (call, file) -> {
                if (!file.equals("in-sync")) {
                    crashes.add(Stores.crashed(folder, home.resolve("crash-" + copies.incrementAndGet())));
                    acknowledged.add(states.size() - 1);
                }
                return true;
            };
            for (int i = 0; i < 4; i++) {
                created(store, "n" + i);
                states.add(all(store));
                written(store, Stores.amount(1, 1_000 + i));
                states.add(all(store));
                await(store.checkpoint());
                states.add(all(store));
            }
            disk.before = (call, file) -> true;
        }
        assertThat(crashes).hasSizeGreaterThan(40);
        for (int i = 0; i < crashes.size(); i++) {
            try (JsonStore again = open(crashes.get(i))) {
                List<Held> found = all(again);
                int at = acknowledged.get(i);
                assertThat(states.subList(at, Math.min(at + 2, states.size()))).contains(found);
                assertThat(again.notices()).noneMatch(n -> n.contains("edited"));
                assertThat(again.identity()).isEqualTo(identity);
            }
        }
    }

    @Test
    void a_torn_tail_is_cut_and_kept_aside() throws IOException {
        JsonStore store = ruling(folder);
        created(store, "kept");
        store.stop();
        byte[] whole = Files.readAllBytes(segment());
        for (int cut : new int[] {1, 27, 28, 100}) {
            Files.write(segment(), whole);
            byte[] frame = frameStart(whole);
            Files.write(segment(), Arrays.copyOf(frame, Math.min(cut, frame.length)), StandardOpenOption.APPEND);
            try (JsonStore again = open(folder)) {
                assertThat(all(again)).extracting(h -> h.entry().notes()).containsExactly("kept");
                assertThat(again.notices()).anyMatch(n -> n.contains("unfinished write"));
                again.stop();
            }
            assertThat(Stores.named(folder, ".torn-")).hasSize(1);
        }
    }

    /** The beginning of a real frame, shorter than its header says. */
    private static byte[] frameStart(byte[] segment) {
        return Arrays.copyOf(segment, 120);
    }

    @Test
    void zeros_behind_the_last_record_are_cut() throws IOException {
        JsonStore store = ruling(folder);
        created(store, "kept");
        store.stop();
        long size = Files.size(segment());
        Files.write(segment(), new byte[4_096], StandardOpenOption.APPEND);
        try (JsonStore again = open(folder)) {
            assertThat(all(again)).hasSize(1);
            assertThat(Files.size(segment())).isEqualTo(size);
            created(again, "next");
        }
    }

    @Test
    void a_wrong_checksum_is_damage_that_names_file_place_and_advice_and_touches_nothing() throws IOException {
        JsonStore store = ruling(folder);
        created(store, "one");
        created(store, "two");
        store.stop();
        byte[] bytes = Files.readAllBytes(segment());
        for (int at : new int[] {bytes.length - 3, bytes.length - 700, 700, 300}) {
            byte[] damaged = bytes.clone();
            damaged[at] ^= 1;
            Files.write(segment(), damaged);
            assertThatThrownBy(() -> open(folder)).isInstanceOfSatisfying(RecoveryRequired.class, e -> {
                assertThat(e.file()).isEqualTo(segment());
                assertThat(e.advice()).isNotBlank();
                assertThat(e.offset()).isBetween((long) at - 800, (long) at);
            });
            assertThat(Files.readAllBytes(segment())).isEqualTo(damaged);
        }
        Files.write(segment(), bytes);
        open(folder).close();
    }

    @Test
    void damage_in_a_length_is_not_taken_for_a_torn_tail() throws IOException {
        JsonStore store = ruling(folder);
        created(store, "one");
        store.stop();
        byte[] bytes = Files.readAllBytes(segment());
        int last = lastFrame(bytes);
        bytes[last + 17] ^= 0x10;
        Files.write(segment(), bytes);
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(RecoveryRequired.class)
                .hasMessageContaining("header");
    }

    private static int lastFrame(byte[] bytes) {
        for (int at = bytes.length - 28; at >= 0; at--) {
            if (bytes[at] == 'H' && bytes[at + 1] == 'B' && bytes[at + 2] == 'F' && bytes[at + 3] == '1') {
                return at;
            }
        }
        throw new AssertionError();
    }

    // ---- files that are missing or damaged -------------------------------------------------------------------------

    @Test
    void a_missing_array_metadata_or_journal_is_never_an_empty_store_A3() throws IOException {
        JsonStore store = ruling(folder);
        created(store, "one");
        store.close();
        for (String part : List.of("expenses.json", ".meta-", "journal-")) {
            Path copy = Stores.crashed(folder, home.resolve("without" + part.replace('.', '-')));
            for (Path file : Stores.named(copy, part)) {
                if (!part.equals("expenses.json") || file.endsWith(part)) {
                    Files.delete(file);
                }
            }
            assertThatThrownBy(() -> open(copy)).isInstanceOf(RecoveryRequired.class);
        }
    }

    @Test
    void a_truncated_array_is_refused_and_left_alone_A3() throws IOException {
        Files.createDirectories(folder);
        for (String content : List.of("", "[{", "{}", "null", "[1,]", "[] x")) {
            Files.writeString(folder.resolve("expenses.json"), content);
            assertThatThrownBy(() -> open(folder)).isInstanceOf(RecoveryRequired.class);
            assertThat(folder.resolve("expenses.json")).hasContent(content);
            assertThat(Stores.named(folder, "journal-")).isEmpty();
        }
    }

    @Test
    void an_array_truncated_after_the_first_take_is_refused_too() throws IOException {
        JsonStore store = ruling(folder);
        created(store, "one");
        store.close();
        String whole = Files.readString(folder.resolve("expenses.json"));
        Files.writeString(folder.resolve("expenses.json"), whole.substring(0, whole.length() / 2));
        assertThatThrownBy(() -> open(folder)).isInstanceOfSatisfying(RecoveryRequired.class, e -> assertThat(e.file())
                .isEqualTo(folder.resolve("expenses.json")));
        assertThat(folder.resolve("expenses.json")).hasContent(whole.substring(0, whole.length() / 2));
    }

    @Test
    void a_newer_format_is_refused_by_name() throws IOException {
        JsonStore store = ruling(folder);
        store.close();
        var frames = new FrameBuffer(100);
        frames.add(FrameType.SEGMENT_HEADER, 1, "{\"format\":2,\"kind\":\"expense\"}");
        byte[] newer = new byte[frames.size()];
        frames.content().get(newer);
        Files.write(segment(), newer);
        assertThatThrownBy(() -> open(folder))
                .isInstanceOf(RecoveryRequired.class)
                .hasMessageContaining("format 2")
                .hasMessageContaining("newer version");
    }

    @Test
    void damage_on_disk_is_seen_while_the_store_runs() throws IOException {
        try (JsonStore store = ruling(folder)) {
            created(store, "one");
            created(store, "two");
            await(store.checkpoint());
            Path array = folder.resolve("expenses.json");
            Files.writeString(array, Files.readString(array).replaceFirst("12\\.5", "13.5"));
            var served = await(store.digests(4, DataSource.SERVED));
            var onDisk = await(store.digests(4, DataSource.DISK));
            assertThat(onDisk.sameBucket(served, 1)).isFalse();
            assertThat(onDisk.sameBucket(served, 2)).isTrue();
            assertThat(await(store.states(4, 1, DataSource.DISK))).noneMatch(s -> s.intact());
            await(store.checkpoint());
            assertThat(await(store.digests(4, DataSource.DISK)).sameBucket(served, 1))
                    .isTrue();
            assertThat(Stores.named(folder, ".foreign-")).hasSize(1);
        }
    }

    @Test
    void a_store_whose_checkpoints_fail_goes_on_and_catches_up() {
        try (JsonStore store = faulty()) {
            created(store, "one");
            for (Call call : List.of(Call.RENAME, Call.FORCE_FOLDER, Call.APPEND)) {
                disk.fails = (c, file) -> c == call && !file.startsWith("journal-");
                assertThatThrownBy(() -> await(store.checkpoint())).isInstanceOf(StoreAway.class);
                created(store, "more");
            }
            disk.fails = (c, file) -> false;
            await(store.checkpoint());
            assertThat(Stores.text(folder.resolve("expenses.json"))).contains("more");
            assertThat(Stores.named(folder, ".tmp")).isEmpty();
            assertThat(Stores.named(folder, ".meta-")).hasSize(1);
        }
    }
}
