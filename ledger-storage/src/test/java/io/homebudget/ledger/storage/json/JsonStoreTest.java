package io.homebudget.ledger.storage.json;

import static io.homebudget.ledger.storage.json.Stores.all;
import static io.homebudget.ledger.storage.json.Stores.await;
import static io.homebudget.ledger.storage.json.Stores.created;
import static io.homebudget.ledger.storage.json.Stores.open;
import static io.homebudget.ledger.storage.json.Stores.ruling;
import static io.homebudget.ledger.storage.json.Stores.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.change.IdempotencyKey;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import io.homebudget.ledger.storage.store.AuditQuery;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.homebudget.ledger.storage.testing.Selecting;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonStoreTest {
    @TempDir
    Path home;

    private Path folder;

    @BeforeEach
    void place() {
        folder = home.resolve("data");
    }

    @Test
    void values_that_repeat_are_held_once_also_where_clients_wrote_them() {
        JsonStore store = ruling(folder);
        Entry one = await(store.find(createdAs(store, asIfParsed()))).entry();
        Entry other = await(store.find(createdAs(store, asIfParsed()))).entry();

        assertThat(other.category()).isEqualTo("Food").isSameAs(one.category());
        assertThat(other.date()).isSameAs(one.date());
        store.close();
    }

    /** Each value an object of its own, as a parser makes them. */
    private static Entry asIfParsed() {
        return new Entry(
                0,
                LocalDate.of(2026, 1, 31),
                new String("ampm"),
                new String("Food"),
                12_50,
                new String("Cash"),
                new String("EUR"),
                null);
    }

    private static long createdAs(JsonStore store, Entry draft) {
        WriteRequest request = new WriteRequest(new Intent.Create(draft), "user", null);
        return written(store, request).set().changes().get(0).entryId();
    }

    @Test
    void what_was_acknowledged_is_there_after_a_crash_and_after_a_clean_stop() {
        JsonStore store = ruling(folder);
        created(store, "one");
        created(store, "two");
        written(store, Stores.amount(1, 99_00));
        written(store, Stores.delete(2));
        Path crashed = Stores.crashed(folder, folder.resolveSibling("crashed"));
        List<Held> before = all(store);
        store.close();

        try (JsonStore afterCrash = open(crashed);
                JsonStore afterStop = open(folder)) {
            assertThat(all(afterCrash)).isEqualTo(before);
            assertThat(all(afterStop)).isEqualTo(before);
            assertThat(await(afterCrash.standing())).isEqualTo(await(afterStop.standing()));
            assertThat(await(afterCrash.log(0, 100)).sets())
                    .hasSize(4)
                    .isEqualTo(await(afterStop.log(0, 100)).sets());
        }
    }

    @Test
    void the_array_file_is_what_the_old_backend_would_have_written() throws Exception {
        for (String name : List.of("expenses.json", "incomes.json")) {
            Path own = Files.createDirectories(folder.resolve(name + ".d"));
            Files.write(own.resolve(name), Stores.resource(name));
            JsonStoreConfig config = new JsonStoreConfig(
                    name.startsWith("e") ? Kind.EXPENSE : Kind.INCOME,
                    own,
                    10,
                    10,
                    1 << 20,
                    Duration.ofHours(1),
                    1,
                    1,
                    1,
                    1,
                    1,
                    Duration.ZERO,
                    Duration.ofSeconds(1));

            open(config, Disk.REAL).close();

            assertThat(Files.readAllBytes(own.resolve(name))).isEqualTo(Stores.resource(name));
            assertThat(Files.readAllBytes(own.resolve(name + ".original"))).isEqualTo(Stores.resource(name));
        }
    }

    /** The newest changes are in memory, older ones in several segments; where one begins nobody who asks can tell. */
    @Test
    void the_audit_is_the_same_from_memory_and_from_segments() {
        JsonStoreConfig config = Stores.config(folder).withMemory(30, 10).withLogLimits(8 << 10, 1 << 30, 1_000_000);
        Random random = new Random(11);
        try (JsonStore store = ruling(open(config, Disk.REAL))) {
            List<Long> ids = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                if (ids.size() < 12) {
                    // what stands in a note is no trace of that entry
                    ids.add(created(store, "\"id\":" + (i % 9 + 1) + ",\"version\":1"));
                } else if (i % 25 == 0) {
                    List<Long> gone = List.of(ids.remove(0), ids.remove(3));
                    written(store, new WriteRequest(new Intent.BulkDelete(gone), "user", null));
                } else {
                    written(store, Stores.amount(ids.get(random.nextInt(ids.size())), 100 + i));
                }
            }
            List<ChangeSet> log = await(store.log(0, 100_000)).sets();
            long head = log.get(log.size() - 1).position();
            for (int i = 0; i < 500; i++) {
                AuditQuery query = new AuditQuery(
                        random.nextInt(6) == 0 ? null : 1L + random.nextInt(40),
                        null,
                        null,
                        1 + random.nextInt(random.nextBoolean() ? 4 : 400),
                        random.nextBoolean() ? Long.MAX_VALUE : 1 + random.nextInt((int) head),
                        random.nextInt(2),
                        random.nextBoolean() ? 0 : random.nextInt(9));

                assertThat(await(store.audit(query))).as("%s", query).isEqualTo(Selecting.changes(log, query));
            }
        }
    }

    @Test
    void an_empty_folder_becomes_an_empty_store_with_an_identity_A44() throws Exception {
        UUID identity;
        try (JsonStore store = open(folder)) {
            identity = store.identity();
            assertThat(await(store.standing()).identity()).isEqualTo(identity);
        }
        try (JsonStore store = open(folder)) {
            assertThat(store.identity()).isEqualTo(identity);
        }
        assertThat(Files.readString(folder.resolve("expenses.json"))).isEqualTo("[]");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("expenses.json"))))
                .isEqualTo("rw-------");
    }

    @Test
    void a_deleted_id_is_never_given_again_A2() {
        JsonStore store = ruling(folder);
        created(store, "one");
        long highest = created(store, "two");
        written(store, Stores.delete(highest));
        assertThat(created(store, "three")).isEqualTo(highest + 1);
        written(store, Stores.delete(highest + 1));
        store.close();

        try (JsonStore again = open(folder)) {
            assertThat(created(again, "four")).isEqualTo(highest + 2);
            assertThat(Stores.write(again, Stores.delete(highest)))
                    .isInstanceOfSatisfying(
                            WriteOutcome.Refused.class,
                            r -> assertThat(r.refusal().error()).isEqualTo(LedgerError.NOT_FOUND));
        }
    }

    @Test
    void a_hundred_parallel_writers_of_different_entries_are_all_there_A5() {
        try (JsonStore store = ruling(folder)) {
            List<CompletableFuture<WriteOutcome>> writes = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                created(store, "n" + i);
            }
            for (long id = 1; id <= 100; id++) {
                writes.add(store.write(Stores.amount(id, id * 7), 1).subscribeAsCompletionStage());
            }
            writes.forEach(w -> assertThat(w.join()).isInstanceOf(WriteOutcome.Written.class));
            assertThat(all(store))
                    .hasSize(100)
                    .allMatch(h -> h.entry().cents() == h.entry().id() * 7);
        }
    }

    @Test
    void twenty_writers_of_one_entry_make_versions_without_gaps() {
        try (JsonStore store = ruling(folder)) {
            created(store, "one");
            List<CompletableFuture<WriteOutcome>> writes = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                writes.add(store.write(Stores.amount(1, i), 1).subscribeAsCompletionStage());
            }
            Set<Long> versions = new HashSet<>();
            writes.forEach(w -> versions.add(
                    ((WriteOutcome.Written) w.join()).set().changes().get(0).version()));
            assertThat(versions)
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.rangeClosed(2, 21).boxed().toList());
        }
    }

    @Test
    void a_repeated_key_gets_the_first_answer_also_after_restarts() {
        UUID body = UUID.randomUUID();
        WriteRequest request =
                new WriteRequest(new Intent.Create(Stores.draft("x")), "user", new IdempotencyKey("k", body));
        JsonStore store = ruling(folder);
        WriteOutcome.Written first = written(store, request);
        Path crashed = Stores.crashed(folder, folder.resolveSibling("crashed"));
        store.close();

        for (Path place : List.of(crashed, folder)) {
            try (JsonStore again = open(place)) {
                assertThat(written(again, request)).isEqualTo(new WriteOutcome.Written(first.set(), true));
                assertThat(Stores.write(
                                again,
                                new WriteRequest(request.intent(), "user", new IdempotencyKey("k", UUID.randomUUID()))))
                        .isInstanceOfSatisfying(
                                WriteOutcome.Refused.class,
                                r -> assertThat(r.refusal().error()).isEqualTo(LedgerError.KEY_REUSED));
                assertThat(all(again)).hasSize(1);
            }
        }
    }

    @Test
    void a_bulk_delete_is_one_set_A25() {
        try (JsonStore store = ruling(folder)) {
            for (int i = 0; i < 5; i++) {
                created(store, "n" + i);
            }
            WriteOutcome.Written bulk =
                    written(store, new WriteRequest(new Intent.BulkDelete(List.of(1L, 3L, 5L, 77L)), "user", null));
            assertThat(bulk.set().changes()).hasSize(3);
            assertThat(await(store.log(5, 1)).sets()).containsExactly(bulk.set());
        }
    }

    @Test
    void a_second_store_on_the_same_folder_is_refused_also_in_the_same_process_A6() {
        try (JsonStore store = open(folder)) {
            assertThat(store.notices()).isEmpty();
            assertThatThrownBy(() -> open(folder))
                    .isInstanceOf(RecoveryRequired.class)
                    .hasMessageContaining("another process owns this folder")
                    .hasMessageContaining("ledger.lock");
        }
    }

    @Test
    void memory_and_disk_give_the_same_digests_before_and_after_a_checkpoint_A20() {
        try (JsonStore store = ruling(folder)) {
            for (int i = 0; i < 50; i++) {
                created(store, "n" + i);
            }
            await(store.checkpoint());
            written(store, Stores.amount(3, 5));
            written(store, Stores.delete(4));
            created(store, "late");

            assertSame(store);
            assertThat(await(store.states(7, 3, DataSource.DISK)))
                    .containsExactlyInAnyOrderElementsOf(await(store.states(7, 3, DataSource.SERVED)));
            assertThat(await(store.states(7, 4, DataSource.DISK)))
                    .containsExactlyInAnyOrderElementsOf(await(store.states(7, 4, DataSource.SERVED)));
            await(store.checkpoint());
            assertSame(store);
        }
    }

    private static void assertSame(JsonStore store) {
        BucketDigests served = await(store.digests(16, DataSource.SERVED));
        BucketDigests disk = await(store.digests(16, DataSource.DISK));
        assertThat(disk.entries()).isEqualTo(served.entries());
        assertThat(disk.position()).isEqualTo(served.position());
        for (int bucket = 0; bucket < 16; bucket++) {
            assertThat(disk.sameBucket(served, bucket)).isTrue();
        }
    }
}
