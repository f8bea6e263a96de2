package io.homebudget.ledger.storage.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Amounts;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Mend;
import io.homebudget.ledger.storage.store.Mended;
import io.homebudget.ledger.storage.store.MendingContract;
import io.homebudget.ledger.storage.store.Restoration;
import io.homebudget.ledger.storage.store.RestoreReport;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonStoreMendingTest extends MendingContract {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path home;

    private Path folder() {
        return home.resolve("data");
    }

    @Override
    protected LedgerStore openFollower() {
        JsonStore open = Stores.open(folder());
        Stores.await(open.adopt(rule()));
        return open;
    }

    @Override
    protected Rule rule() {
        return new Rule(1, Phase.DATABASE_READS);
    }

    @Override
    protected LedgerStore reopen(LedgerStore open) {
        ((JsonStore) open).close();
        return Stores.open(folder());
    }

    @Override
    protected void close(LedgerStore open) {
        ((JsonStore) open).close();
    }

    /** Only while a store is stopped is an edit of its file taken for what it holds. */
    private LedgerStore edited(LedgerStore open, Consumer<ArrayNode> edit) {
        ((JsonStore) open).close();
        Path array = Stores.config(folder()).array();
        try {
            ArrayNode entries = (ArrayNode) JSON.readTree(array.toFile());
            edit.accept(entries);
            Files.writeString(array, JSON.writeValueAsString(entries));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Stores.open(folder());
    }

    @Override
    protected LedgerStore damage(LedgerStore open, long id, long cents) {
        return edited(open, entries -> {
            for (JsonNode entry : entries) {
                if (entry.path("id").asLong() == id) {
                    ((ObjectNode) entry).put("amount", new BigDecimal(Amounts.print(cents)));
                }
            }
        });
    }

    @Override
    protected LedgerStore lose(LedgerStore open, long id) {
        return edited(open, entries -> {
            for (int i = entries.size() - 1; i >= 0; i--) {
                if (entries.get(i).path("id").asLong() == id) {
                    entries.remove(i);
                }
            }
        });
    }

    @Override
    protected LedgerStore add(LedgerStore open, Entry entry) {
        return edited(open, entries -> {
            try {
                entries.add(JSON.readTree(EntryWriter.compact(Kind.EXPENSE, entry)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    // ---- the files alone -----------------------------------------------------------------------------------------

    /** Changes one digit of the first amount without the file's size or time telling. */
    private void flipByte(JsonStore open) {
        Stores.await(open.checkpoint());
        Path array = Stores.config(folder()).array();
        try {
            FileTime time = Files.getLastModifiedTime(array);
            int at = Stores.text(array).indexOf("\"amount\": 1") + "\"amount\": ".length();
            try (RandomAccessFile file = new RandomAccessFile(array.toFile(), "rw")) {
                file.seek(at);
                file.write('7');
            }
            Files.setLastModifiedTime(array, time);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static EntryState onDisk(JsonStore open, long id) {
        return Stores.await(open.states(1, 0, LedgerStore.DataSource.DISK)).stream()
                .filter(state -> state.id() == id)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_byte_flipped_in_the_file_alone_is_mended_from_memory() {
        JsonStore open = (JsonStore) store;
        Held held = Stores.await(open.find(5));
        flipByte(open);
        EntryState seen = onDisk(open, 5);
        assertThat(seen.intact()).isFalse();

        Mended mended = Stores.await(
                open.mend(new Mend(5, seen.version(), seen.actual(), new ImageRow(held, null)), rule.epoch()));

        assertThat(mended).isEqualTo(new Mended(Mended.Result.MENDED, 2));
        assertThat(onDisk(open, 5).actual()).isEqualTo(EntryDigest.of(held.entry()));
        assertThat(open.notices()).anySatisfy(notice -> assertThat(notice).contains("damaged on disk"));
        store = reopen(open);
        assertThat(Stores.await(store.rows(List.of(5L), LedgerStore.DataSource.SERVED)))
                .containsExactly(new ImageRow(held, null));
    }

    @Test
    void what_lies_in_the_files_can_be_read_with_its_values() {
        JsonStore open = (JsonStore) store;
        ImageRow gone = Stores.await(open.rows(List.of(9L), LedgerStore.DataSource.SERVED))
                .get(0);
        Held held = Stores.await(open.find(5));
        flipByte(open);
        EntryState seen = onDisk(open, 5);

        List<ImageRow> rows = Stores.await(open.rows(List.of(5L, 9L, 99_999L), LedgerStore.DataSource.DISK));

        assertThat(rows).hasSize(2).contains(gone);
        ImageRow damaged =
                rows.stream().filter(row -> row.id() == 5).findFirst().orElseThrow();
        assertThat(EntryDigest.of(damaged.held().entry())).isEqualTo(seen.actual());
        assertThat(damaged.held().digest()).isEqualTo(held.digest());
        assertThat(damaged.held().entry()).isNotEqualTo(held.entry());
    }

    @Test
    void what_only_the_journal_has_is_read_with_its_values_too() {
        List<ImageRow> rows = Stores.await(store.rows(List.of(5L, 9L), LedgerStore.DataSource.DISK));

        assertThat(rows)
                .containsExactlyInAnyOrderElementsOf(
                        Stores.await(store.rows(List.of(5L, 9L), LedgerStore.DataSource.SERVED)));
    }

    @Test
    void damaged_metadata_is_mended_from_memory() throws IOException {
        JsonStore open = (JsonStore) store;
        Held held = Stores.await(open.find(5));
        Stores.await(open.checkpoint());
        Path meta = Stores.named(folder(), ".meta-").get(0);
        byte[] bytes = Files.readAllBytes(meta);
        bytes[bytes.length / 2] ^= 1;
        Files.write(meta, bytes);

        Mended mended = Stores.await(open.mend(new Mend(5, 1, held.digest(), new ImageRow(held, null)), rule.epoch()));

        assertThat(mended.result()).isEqualTo(Mended.Result.MENDED);
        store = reopen(open);
        assertThat(Stores.await(store.rows(List.of(5L), LedgerStore.DataSource.SERVED)))
                .containsExactly(new ImageRow(held, null));
    }

    @Test
    void files_that_are_as_they_were_written_are_not_written_again() {
        JsonStore open = (JsonStore) store;
        Held held = Stores.await(open.find(5));
        Stores.await(open.checkpoint());
        List<Path> before = Stores.named(folder(), ".meta-");

        Mended mended = Stores.await(open.mend(new Mend(5, 1, held.digest(), new ImageRow(held, null)), rule.epoch()));

        assertThat(mended).isEqualTo(new Mended(Mended.Result.INTACT, 2));
        assertThat(Stores.named(folder(), ".meta-")).isEqualTo(before);
    }

    @Test
    void a_restore_records_values_that_only_look_as_its_target_wants_them() {
        // Given a follower that was edited by hand and rules after a way back
        store = damage(store, 5, 1);
        Rule back = new Rule(2, Phase.DUAL_WRITE);
        Stores.await(store.adopt(back));
        Image now = Stores.await(store.image(0));
        Image target = new Image(now.position(), now.rows(), now.chunks().map(rows -> rows.stream()
                .map(JsonStoreMendingTest::asStaged)
                .toList()));
        Restoration restoration = new Restoration(UUID.randomUUID(), Instant.now(), 0);

        // When it is taken back to values that it seems to have already
        RestoreReport report = Stores.await(
                store.restore(target, restoration, back.epoch(), () -> CompletableFuture.completedFuture(null)));

        // Then they are the ledger's own, and nothing is left to be repaired
        assertThat(report.updated()).isEqualTo(1);
        Held held = Stores.await(((JsonStore) store).find(5));
        assertThat(held.entry().cents()).isEqualTo(1);
        assertThat(held.digest()).isEqualTo(EntryDigest.of(held.entry()));
        assertThat(Stores.await(store.log(0, 100)).sets()).hasSize(5);
    }

    private static ImageRow asStaged(ImageRow row) {
        Held held = row.held();
        return held == null
                ? row
                : new ImageRow(
                        new Held(
                                held.entry(),
                                held.version(),
                                held.epoch(),
                                held.changeId(),
                                EntryDigest.of(held.entry())),
                        null);
    }
}
