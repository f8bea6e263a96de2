package io.homebudget.ledger.storage.postgres;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.export.Export;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.store.LogSlice;
import io.homebudget.ledger.storage.store.SyncListener;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.testing.Sample;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.sqlclient.Tuple;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.sql.Connection;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.postgresql.PGConnection;

/** Measures the PostgreSQL store on the machine at hand; run by hand, no test. Ratios only count within one run. */
final class PostgresFigures {
    private PostgresFigures() {}

    public static void main(String[] args) throws Exception {
        int rows = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
        try (PostgresFixture postgres = new PostgresFixture(Kind.EXPENSE)) {
            if (args.length > 1 && args[1].equals("exports")) {
                exports(postgres, rows);
            } else {
                creates(postgres);
                applies(postgres);
                synchronize(postgres, rows);
            }
        }
        System.exit(0);
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(Duration.ofMinutes(5));
    }

    private static double seconds(long since) {
        return (System.nanoTime() - since) / 1e9;
    }

    private static void creates(PostgresFixture postgres) {
        try (PostgresStore store = postgres.openPrimary(new Rule(1, Phase.DATABASE_ONLY))) {
            for (int round = 0; round < 3; round++) {
                plainInserts(postgres);
                int count = 30_000;
                AtomicInteger failed = new AtomicInteger();
                long started = System.nanoTime();
                await(Multi.createFrom()
                        .range(0, count)
                        .onItem()
                        .transformToUni(n -> store.write(Sample.create(n), 1))
                        .merge(32)
                        .invoke(o -> {
                            if (!(o instanceof WriteOutcome.Written)) {
                                failed.incrementAndGet();
                            }
                        })
                        .collect()
                        .last());
                System.out.printf(
                        "creates/s, 32 at once: %.0f (not written: %d)%n", count / seconds(started), failed.get());
            }
            long started = System.nanoTime();
            long after = 0;
            long read = 0;
            for (LogSlice slice = await(store.log(0, 1_000));
                    !slice.sets().isEmpty();
                    slice = await(store.log(after, 1_000))) {
                after = slice.through();
                read += slice.sets().size();
            }
            System.out.printf("log sets/s read: %.0f%n", read / seconds(started));
        }
    }

    /** What the pool and the server can do at most: one plain insert per request. */
    private static void plainInserts(PostgresFixture postgres) {
        int count = 30_000;
        long started = System.nanoTime();
        await(Multi.createFrom()
                .range(0, count)
                .onItem()
                .transformToUni(n -> Link.uni(() -> postgres.pool
                        .preparedQuery(
                                "INSERT INTO expense.expenses (date, category, amount, account) VALUES ($1, $2, 5, $3)")
                        .execute(Tuple.of(Sample.DAY, "food", "cash"))
                        .map(1)))
                .merge(32)
                .collect()
                .last());
        System.out.printf("plain inserts/s, 32 at once: %.0f%n", count / seconds(started));
    }

    private static void applies(PostgresFixture postgres) {
        postgres.reset();
        Rule rule = new Rule(1, Phase.DUAL_WRITE);
        try (PostgresStore store = postgres.openPrimary(rule)) {
            for (int round = 0; round < 3; round++) {
                long base = round * 60_000L;
                List<List<ChangeSet>> batches = new ArrayList<>();
                for (int b = 0; b < 60; b++) {
                    List<ChangeSet> batch = new ArrayList<>();
                    for (int i = 1; i <= 1_000; i++) {
                        long n = base + b * 1_000L + i;
                        batch.add(Sample.set(n, rule, Sample.created(Sample.entry(n, i))));
                    }
                    batches.add(batch);
                }
                long started = System.nanoTime();
                for (List<ChangeSet> batch : batches) {
                    await(store.apply(batch, batch.get(999).position(), 1));
                }
                System.out.printf("applied changes/s, batches of 1,000: %.0f%n", 60_000 / seconds(started));
            }
        }
    }

    private static void synchronize(PostgresFixture postgres, int rows) throws Exception {
        List<List<ImageRow>> chunks = new ArrayList<>();
        List<ImageRow> chunk = new ArrayList<>();
        for (int i = 1; i <= rows; i++) {
            Change change = Sample.created(Sample.entry(i, i));
            chunk.add(new ImageRow(Held.after(change, 1), null));
            if (chunk.size() == 1_000) {
                chunks.add(chunk);
                chunk = new ArrayList<>();
            }
        }
        CopyText text = new CopyText(true);
        chunks.forEach(c -> c.forEach(text::staged));
        byte[] ready = text.take();
        for (int round = 0; round < 2; round++) {
            postgres.reset();
            postgres.execute("CHECKPOINT");
            // the same rows into the same indexed table, without the staging table's extra column
            postgres.execute("ALTER TABLE expense.expenses ADD COLUMN deleted BOOLEAN");
            long started = System.nanoTime();
            try (Connection connection = postgres.database.dataSource().getConnection()) {
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn(
                                "COPY expense.expenses (id, deleted, date, business, category, amount, account, currency, notes, version,"
                                        + " epoch, change_id, digest) FROM STDIN",
                                new ByteArrayInputStream(ready),
                                1 << 16);
            }
            double copy = seconds(started);
            postgres.reset();
            postgres.execute("ALTER TABLE expense.expenses DROP COLUMN deleted");
            postgres.execute("CHECKPOINT");
            try (PostgresStore store = postgres.openPrimary(new Rule(1, Phase.DUAL_WRITE))) {
                long begun = System.nanoTime();
                await(store.synchronize(
                        new Image(5, rows, Multi.createFrom().iterable(chunks)), 5, 1, new SyncListener() {
                            @Override
                            public void staged(long done, long total) {
                                if (done == total) {
                                    System.out.printf("  staged after %.1f s%n", seconds(begun));
                                }
                            }
                        }));
                double all = seconds(begun);
                System.out.printf(
                        "synchronize %,d rows: %.1f s, COPY: %.1f s, ratio %.2f%n", rows, all, copy, all / copy);
                for (int i = 0; i < 3; i++) {
                    long digest = System.nanoTime();
                    await(store.digests(1_024, LedgerStore.DataSource.SERVED));
                    System.out.printf("digests: %.2f s%n", seconds(digest));
                }
                long list = System.nanoTime();
                long listed = await(store.list(Listing.ALL)
                                .map(List::size)
                                .collect()
                                .asList())
                        .stream()
                        .mapToLong(i -> i)
                        .sum();
                System.out.printf("list of %,d: %.1f s%n", listed, seconds(list));
                long again = System.nanoTime();
                await(store.synchronize(
                        new Image(6, rows, Multi.createFrom().iterable(chunks)), 6, 1, SyncListener.NONE));
                System.out.printf("synchronize over the same rows: %.1f s%n", seconds(again));
            }
        }
    }

    /** An export of the whole store beside COPY TO STDOUT of the same columns, and what it adds to the heap. */
    private static void exports(PostgresFixture postgres, int rows) throws Exception {
        postgres.execute("INSERT INTO expense.expenses (id, date, category, amount, account, notes, version, epoch,"
                + " change_id, digest) SELECT n, DATE '2026-01-01' + (n % 300)::int, 'food', n * 0.01, 'cash', 'note ' || n,"
                + " 1, 1, md5(n::text)::uuid, md5('d' || n)::uuid FROM generate_series(1, " + rows + ") n");
        postgres.execute("VACUUM ANALYZE expense.expenses");
        try (PostgresStore store = postgres.openPrimary(new Rule(1, Phase.DATABASE_ONLY))) {
            for (int round = 0; round < 3; round++) {
                long copied = System.nanoTime();
                try (Connection connection = postgres.database.dataSource().getConnection()) {
                    connection
                            .unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyOut(
                                    "COPY (SELECT * FROM expense.expenses ORDER BY id) TO STDOUT",
                                    OutputStream.nullOutputStream());
                }
                double copy = seconds(copied);
                System.gc();
                long heap = heap();
                AtomicLong most = new AtomicLong();
                AtomicLong bytes = new AtomicLong();
                AtomicInteger parts = new AtomicInteger();
                long begun = System.nanoTime();
                await(new Export(store, Export.Limits.USUAL, Infrastructure.getDefaultExecutor(), Clock.systemUTC())
                        .begin(new Export.Origin(Kind.EXPENSE, 1, Phase.DATABASE_ONLY, null, "1"))
                        .onItem()
                        .transformToMulti(lines -> lines)
                        .invoke(part -> {
                            bytes.addAndGet(part.length);
                            if (parts.incrementAndGet() % 200 == 0) {
                                System.gc();
                                most.accumulateAndGet(heap() - heap, Math::max);
                            }
                        })
                        .collect()
                        .last());
                double all = seconds(begun);
                System.out.printf(
                        "export of %,d rows, %,d MB: %.1f s, COPY TO STDOUT: %.1f s, ratio %.2f, live heap at most +%,d KB%n",
                        rows, bytes.get() >> 20, all, copy, all / copy, most.get() >> 10);
            }
        }
    }

    private static long heap() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
