package io.homebudget.ledger.storage.restoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.EntryRules;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.internal.ExportHead;
import io.homebudget.ledger.internal.RestoreOrder.Mode;
import io.homebudget.ledger.internal.RestoreState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.json.JsonStore;
import io.homebudget.ledger.storage.json.JsonStoreConfig;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.testing.Sample;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restores by a program that holds the folder itself. */
class OfflineRestoreTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Rule FIRST = new Rule(1, Phase.JSON_ONLY);
    private static final UUID IDENTITY = new UUID(3, 4);

    @TempDir
    Path folder;

    private JsonStore store;

    @BeforeEach
    void open() throws IOException {
        EntryRules rules = new EntryRules(Kind.EXPENSE, "₪");
        store = JsonStore.open(
                JsonStoreConfig.of(Kind.EXPENSE, folder), Clock.systemUTC(), UUID::randomUUID, rules::take);
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void aStoreInUseGetsTheRowsByChangesOfItsOwn() throws IOException {
        store.adopt(FIRST).await().atMost(LIMIT);
        long kept = create(1);
        long gone = create(2);

        var report = offline().changes(staged(Mode.CHANGES, row(kept, 1, 5), row(40, 7, 6)), store, FIRST);

        assertThat(List.of(report.created(), report.updated(), report.deleted()))
                .containsExactly(1L, 1L, 1L);
        assertThat(find(kept).version()).isEqualTo(2);
        assertThat(find(gone)).isNull();
        assertThat(find(40).version()).as("above what the snapshot knew").isEqualTo(8);
        assertThat(create(3)).isGreaterThan(100);
    }

    @Test
    void aNewStoreTakesEverythingAtTheNextEpoch() throws IOException {
        store.adopt(FIRST).await().atMost(LIMIT);

        offline().everything(staged(Mode.EVERYTHING, row(1, 3, 5), row(40, 7, 6)), store, store.identity());

        assertThat(find(40).version()).isEqualTo(7);
        assertThat(store.standing().await().atMost(LIMIT).decided()).contains(new Rule(10, Phase.JSON_ONLY));
        assertThat(store.publishedThrough().await().atMost(LIMIT)).isEmpty();
        assertThat(store.head().await().atMost(LIMIT)
                        + store.standing().await().atMost(LIMIT).position())
                .isGreaterThanOrEqualTo(500);
    }

    @Test
    void whatTakesADamagedStoresPlaceIsNewerThanAnythingItMayHaveGiven() throws IOException {
        store.adopt(FIRST).await().atMost(LIMIT);

        offline().insteadOfDamaged(staged(Mode.EVERYTHING, row(1, 3, 5)), store, store.identity());

        assertThat(find(1).version()).isGreaterThan(1_000_000);
        assertThat(store.standing()
                        .await()
                        .atMost(LIMIT)
                        .decided()
                        .orElseThrow()
                        .epoch())
                .isGreaterThan(1_000_000);
        assertThat(store.idsThrough().await().atMost(LIMIT)).isGreaterThan(1_000_000);
        assertThat(find(1).entry().notes()).isEqualTo("note 5");
    }

    private OfflineRestore offline() {
        return new OfflineRestore(new RestoreFiles(folder), Runnable::run);
    }

    private RestoreState staged(Mode mode, EntryImage... rows) throws IOException {
        ExportHead source = new ExportHead(
                1, "expense", "json", 500, rows.length, 9, Phase.JSON_ONLY, IDENTITY, 100, null, null, Instant.now());
        List<String> lines = new ArrayList<>();
        for (EntryImage row : rows) {
            lines.add(JsonMapper.builder().build().writeValueAsString(row));
        }
        Iterator<String> iterator = lines.iterator();
        return offline().stage(source, mode, () -> iterator.hasNext() ? iterator.next() : null, Instant.now());
    }

    private static EntryImage row(long id, long version, int nth) {
        Entry entry = Sample.entry(id, nth);
        return new EntryImage(id, version, 1, UUID.randomUUID(), false, EntryDigest.of(entry), EntryValues.of(entry));
    }

    private long create(int nth) {
        WriteOutcome outcome = store.write(Sample.create(nth), 1).await().atMost(LIMIT);
        return ((WriteOutcome.Written) outcome).set().changes().get(0).entryId();
    }

    private Held find(long id) {
        return store.find(id).await().atMost(LIMIT);
    }
}
