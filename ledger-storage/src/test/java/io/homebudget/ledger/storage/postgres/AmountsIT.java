package io.homebudget.ledger.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.EntryRules;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.json.JsonStore;
import io.homebudget.ledger.storage.json.JsonStoreConfig;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import io.homebudget.ledger.storage.store.SyncListener;
import io.homebudget.ledger.storage.testing.Sample;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Amounts are whole cents everywhere, so nothing is lost on the way through text, numeric columns and back. */
class AmountsIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int ROUNDS = 10;
    private static final int PER_ROUND = 100_000;
    private static final int BUCKETS = 64;
    private static final long MOST_CENTS = 9_999_999_999L;
    private static final Rule RULE = new Rule(1, Phase.DUAL_WRITE);
    private static PostgresFixture postgres;

    @TempDir
    Path home;

    @BeforeAll
    static void start() {
        postgres = new PostgresFixture(Kind.EXPENSE);
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @Test
    @Tag("A11")
    void aMillionRandomAmountsAreEqualInBothStoresAndOnTheWayBack() throws Exception {
        SplittableRandom random = new SplittableRandom(11);
        for (int round = 0; round < ROUNDS; round++) {
            List<ImageRow> rows = rows(random);
            postgres.reset();
            try (JsonStore files = open("there" + round);
                    JsonStore back = open("back" + round);
                    PostgresStore database = postgres.openPrimary(RULE)) {

                fill(files, image(rows));
                fill(database, await(files.image(0)));
                fill(back, await(database.image(0)));

                BucketDigests expected = digestsOf(rows);
                same(expected, await(files.digests(BUCKETS, DataSource.DISK)));
                same(expected, await(database.digests(BUCKETS, DataSource.SERVED)));
                same(expected, await(back.digests(BUCKETS, DataSource.SERVED)));
            }
        }
    }

    private JsonStore open(String folder) throws IOException {
        EntryRules rules = new EntryRules(Kind.EXPENSE, "₪");
        JsonStore store = JsonStore.open(
                JsonStoreConfig.of(Kind.EXPENSE, home.resolve(folder)),
                Clock.systemUTC(),
                UUID::randomUUID,
                rules::take);
        await(store.adopt(RULE));
        return store;
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(LIMIT);
    }

    private static void fill(LedgerStore store, Image image) {
        assertThat(await(store.synchronize(image, image.position(), RULE.epoch(), SyncListener.NONE))
                        .written())
                .isEqualTo(PER_ROUND);
    }

    /** As many small amounts as large ones, of either sign, and the ends of the range. */
    private static List<ImageRow> rows(SplittableRandom random) {
        List<ImageRow> rows = new ArrayList<>(PER_ROUND);
        for (int id = 1; id <= PER_ROUND; id++) {
            long most = Math.min(MOST_CENTS, (long) Math.pow(10, 1 + random.nextInt(11)));
            long cents = id <= 2 ? MOST_CENTS * (2L * id - 3) : random.nextLong(-most, most + 1);
            Entry like = Sample.entry(id, id);
            Entry entry = new Entry(
                    id, like.date(), null, like.category(), cents, like.account(), like.currency(), like.notes());
            rows.add(new ImageRow(new Held(entry, 1, 1, new UUID(11, id), EntryDigest.of(entry)), null));
        }
        return rows;
    }

    private static Image image(List<ImageRow> rows) {
        List<List<ImageRow>> chunks = new ArrayList<>();
        for (int from = 0; from < rows.size(); from += 1_000) {
            chunks.add(rows.subList(from, from + 1_000));
        }
        return new Image(1, rows.size(), Multi.createFrom().iterable(chunks));
    }

    private static BucketDigests digestsOf(List<ImageRow> rows) {
        BucketDigests digests = new BucketDigests(
                1, rows.size(), BUCKETS, new long[BUCKETS], new long[BUCKETS], new long[BUCKETS], new long[BUCKETS]);
        for (ImageRow row : rows) {
            int bucket = (int) (row.id() % BUCKETS);
            UUID digest = row.held().digest();
            digests.counts()[bucket]++;
            digests.high()[bucket] ^= digest.getMostSignificantBits();
            digests.low()[bucket] ^= digest.getLeastSignificantBits();
        }
        return digests;
    }

    private static void same(BucketDigests expected, BucketDigests actual) {
        assertThat(actual.counts()).isEqualTo(expected.counts());
        assertThat(actual.damaged()).containsOnly(0);
        assertThat(actual.high()).isEqualTo(expected.high());
        assertThat(actual.low()).isEqualTo(expected.low());
    }
}
