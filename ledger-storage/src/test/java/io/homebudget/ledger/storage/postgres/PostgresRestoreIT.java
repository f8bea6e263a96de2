package io.homebudget.ledger.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.Handover;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Restoration;
import io.homebudget.ledger.storage.store.RestoreReport;
import io.homebudget.ledger.storage.store.SyncListener;
import io.homebudget.ledger.storage.store.Tombstone;
import io.homebudget.ledger.storage.store.WriteOutcome.Written;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.homebudget.ledger.storage.testing.Sample;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A restore of the primary: whatever differs is changed, and nothing else, whoever writes while it is looked for. */
class PostgresRestoreIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int COUNT = 3_000;
    private static final long IDS_THROUGH = 10_000;

    private PostgresFixture postgres;
    private PostgresStore store;

    @AfterEach
    void close() {
        store.close();
        postgres.close();
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(LIMIT);
    }

    /** The primary holds these rows and has given out no id above theirs. */
    private void ruling(Kind kind, List<ImageRow> rows) {
        postgres = new PostgresFixture(kind);
        store = postgres.openPrimary(new Rule(1, Phase.DUAL_WRITE));
        await(store.synchronize(PostgresLinesIT.image(kind, rows, rows.size()), 5, 1, SyncListener.NONE));
        Rule rule = new Rule(2, Phase.DATABASE_ONLY);
        await(store.prepare(rule, new Handover(5, 2 * COUNT, Optional.empty(), UUID.randomUUID())));
        await(store.adopt(rule));
    }

    /** Of every sort: gone, brought back, deleted, changed, new, and as it is. */
    private static List<ImageRow> target(Kind kind, List<ImageRow> rows) {
        List<ImageRow> target = new ArrayList<>();
        for (ImageRow row : rows) {
            long nth = row.id() / 2;
            if (nth % 17 == 0) {
                continue;
            }
            if (nth % 23 == 0) {
                target.add(new ImageRow(null, new Tombstone(row.id(), 3, 1, UUID.randomUUID())));
            } else if (nth % 13 == 0 || row.held() == null && nth % 3 == 0) {
                target.add(live(kind, row.id(), "other\t" + nth));
            } else {
                target.add(row);
            }
            if (nth % 19 == 0) {
                target.add(live(kind, row.id() + 1, "new\\N" + nth));
            }
        }
        return target;
    }

    private static ImageRow live(Kind kind, long id, String notes) {
        Change change = Sample.created(new Entry(
                id,
                LocalDate.of(2026, 2, 3),
                kind == Kind.EXPENSE ? "\b" : null,
                "category",
                -id,
                "account",
                "₪",
                notes));
        return new ImageRow(Held.after(change, 1), null);
    }

    private static Map<Long, Entry> entries(List<ImageRow> rows) {
        Map<Long, Entry> entries = new TreeMap<>();
        rows.stream()
                .filter(row -> row.held() != null)
                .forEach(row -> entries.put(row.id(), row.held().entry()));
        return entries;
    }

    private List<ImageRow> held() {
        List<ImageRow> held = new ArrayList<>();
        await(await(store.image(0)).chunks().collect().asList()).forEach(held::addAll);
        return held;
    }

    private long wrote(WriteRequest request) {
        return ((Written) await(store.write(request, 2))).set().changes().get(0).entryId();
    }

    private RestoreReport restore(Image target, Supplier<CompletionStage<Void>> fence) {
        return await(store.restore(target, new Restoration(UUID.randomUUID(), Sample.NOON, IDS_THROUGH), 2, fence));
    }

    private static Supplier<CompletionStage<Void>> nobody() {
        return () -> CompletableFuture.completedStage(null);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    @Tag("A26")
    void what_differs_is_changed_and_so_is_what_was_written_while_it_was_looked_for(Kind kind) {
        List<ImageRow> rows = PostgresLinesIT.rows(kind, COUNT);
        ruling(kind, rows);
        List<ImageRow> target = target(kind, rows);
        Map<Long, Entry> wanted = entries(target);
        Map<Long, Entry> before = new TreeMap<>();
        List<Long> late = new ArrayList<>();

        RestoreReport report = restore(PostgresLinesIT.image(kind, target, target.size()), () -> {
            // what was compared already: equal, equal, gone from the target, changed in the target, not there before
            wrote(Sample.modify(2, Field.NOTES, "late"));
            wrote(Sample.delete(4));
            wrote(Sample.modify(34, Field.NOTES, "late"));
            wrote(Sample.modify(26, Field.NOTES, "other\t13"));
            late.add(wrote(Sample.create(1)));
            late.add(wrote(Sample.create(2)));
            wrote(Sample.delete(late.get(1)));
            before.putAll(entries(held()));
            return CompletableFuture.completedStage(null);
        });

        assertThat(entries(held())).isEqualTo(wanted);
        assertThat(report.created())
                .isEqualTo(wanted.keySet().stream()
                        .filter(id -> !before.containsKey(id))
                        .count());
        assertThat(report.deleted())
                .isEqualTo(before.keySet().stream()
                        .filter(id -> !wanted.containsKey(id))
                        .count());
        assertThat(report.updated())
                .isEqualTo(wanted.entrySet().stream()
                        .filter(entry -> before.containsKey(entry.getKey())
                                && !before.get(entry.getKey()).equals(entry.getValue()))
                        .count());
        assertThat(before).containsKey(late.get(0)).containsKey(34L);
        assertThat(wrote(Sample.create(3))).isGreaterThan(IDS_THROUGH);
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void what_is_there_already_is_left_alone_and_an_empty_target_deletes_everything(Kind kind) throws Exception {
        List<ImageRow> rows = PostgresLinesIT.rows(kind, COUNT);
        ruling(kind, rows);

        RestoreReport nothing = restore(PostgresLinesIT.image(kind, rows, rows.size()), nobody());

        assertThat(nothing.changes()).isZero();
        assertThat(held()).isEqualTo(rows);

        RestoreReport everything = restore(PostgresLinesIT.image(kind, List.of(), 0), nobody());

        assertThat(everything.deleted()).isEqualTo(entries(rows).size());
        assertThat(entries(held())).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void rows_that_are_no_lines_are_taken_too_and_a_target_that_lacks_some_changes_nothing(Kind kind) {
        List<ImageRow> rows = PostgresLinesIT.rows(kind, COUNT);
        ruling(kind, rows);
        List<ImageRow> target = target(kind, rows);

        assertThatThrownBy(() -> restore(PostgresLinesIT.image(kind, target, target.size() + 1), nobody()))
                .hasMessageContaining("restore");

        assertThat(held()).isEqualTo(rows);

        restore(
                new Image(
                        5,
                        target.size(),
                        Multi.createFrom().items(target.subList(0, 10), target.subList(10, target.size()))),
                nobody());

        assertThat(entries(held())).isEqualTo(entries(target));
    }

    @ParameterizedTest
    @ValueSource(ints = {5, COUNT})
    void a_target_that_breaks_off_leaves_no_connection_out_of_step(int count) throws Exception {
        ruling(Kind.EXPENSE, PostgresLinesIT.rows(Kind.EXPENSE, count));
        byte[] first = "1\tt\t\\N\n".getBytes(StandardCharsets.US_ASCII);
        InputStream broken = new SequenceInputStream(new ByteArrayInputStream(first), brokenOff());
        try (Connection physical = postgres.database.dataSource().getConnection()) {
            TargetDifference differing = new TargetDifference(
                    new Statements(Kind.EXPENSE), PostgresSettings.DEFAULTS, () -> unclosable(physical));

            assertThatThrownBy(() ->
                            differing.find(new Image(5, 2, Multi.createFrom().empty(), () -> broken), null))
                    .hasMessageContaining("Broken off");

            assertThat(physical.isClosed() || Synchronizing.number(physical, "SELECT 17") == 17)
                    .isTrue();
        }
    }

    private static InputStream brokenOff() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("Broken off");
            }
        };
    }

    /** As a pool hands it out: given back, it is used again. */
    private static Connection unclosable(Connection physical) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        return null;
                    }
                    try {
                        return method.invoke(physical, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
