package io.homebudget.ledger.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.rows.RowText;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.SyncListener;
import io.homebudget.ledger.storage.store.TextImage;
import io.homebudget.ledger.storage.store.Tombstone;
import io.homebudget.ledger.storage.testing.Sample;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Images as lines: what COPY writes, and what is filled from them. */
class PostgresLinesIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Rule RULE = new Rule(1, Phase.DUAL_WRITE);

    private PostgresFixture postgres;

    @AfterEach
    void close() {
        postgres.close();
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(LIMIT);
    }

    /** Every tenth of them deleted. */
    static List<ImageRow> rows(Kind kind, int count) {
        String business = kind == Kind.EXPENSE ? "a\tb\\\n\r\b" : null;
        List<ImageRow> rows = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            Change change = Sample.created(new Entry(
                    2L * i,
                    LocalDate.of(1 + i % 9_999, 1 + i % 12, 1 + i % 28),
                    i % 3 == 0 ? null : business,
                    i % 5 == 0 ? "" : "\\N",
                    i % 2 == 0 ? -i : 9_999_999_999L - i,
                    "קפה 𝄞",
                    "₪",
                    i % 7 == 0 ? null : "n\u2028" + i));
            rows.add(
                    i % 10 == 0
                            ? new ImageRow(null, new Tombstone(2L * i, 7, 1, change.id()))
                            : new ImageRow(Held.after(change, 1), null));
        }
        return rows;
    }

    private static byte[] text(Kind kind, List<ImageRow> rows) {
        StringBuilder text = new StringBuilder();
        rows.forEach(row -> RowText.append(kind, row.image(), text));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    static Image image(Kind kind, List<ImageRow> rows, int promised) {
        byte[] lines = text(kind, rows);
        return new Image(5, promised, Multi.createFrom().items(rows), () -> new ByteArrayInputStream(lines));
    }

    private static List<ImageRow> held(PostgresStore store) {
        List<ImageRow> held = new ArrayList<>();
        await(await(store.image(0)).chunks().collect().asList()).forEach(held::addAll);
        return held;
    }

    private String indexes() throws Exception {
        return postgres.text("SELECT indexdef FROM pg_indexes WHERE tablename = '" + postgres.kind.plural()
                + "' ORDER BY indexname");
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void an_empty_store_is_filled_from_lines_and_gives_the_same_rows_as_lines_again(Kind kind) throws Exception {
        postgres = new PostgresFixture(kind);
        List<ImageRow> rows = rows(kind, 5_000);
        try (PostgresStore store = postgres.openPrimary(RULE)) {
            String indexes = indexes();

            await(store.synchronize(image(kind, rows, 5_000), 5, 1, SyncListener.NONE));

            assertThat(indexes()).isEqualTo(indexes);
            assertThat(held(store)).isEqualTo(rows);
            TextImage text = await(store.text(kind, Runnable::run));
            List<TextImage.Part> parts = await(text.parts().collect().asList());
            StringBuilder all = new StringBuilder();
            parts.forEach(part -> all.append(new String(part.lines(), StandardCharsets.UTF_8)));
            // PostgreSQL escapes the backspace, which need not be
            assertThat(all.toString().replace("\\b", "\b"))
                    .isEqualTo(new String(text(kind, rows), StandardCharsets.UTF_8));
            assertThat(text.position()).isEqualTo(5);
            assertThat(text.rows()).isEqualTo(5_000);
            assertThat(parts.stream().mapToInt(TextImage.Part::entries).sum()).isEqualTo(4_500);
            assertThat(parts.stream().mapToInt(TextImage.Part::tombstones).sum())
                    .isEqualTo(500);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_fill_that_fails_leaves_the_tables_empty_with_their_indexes(Kind kind) throws Exception {
        postgres = new PostgresFixture(kind);
        try (PostgresStore store = postgres.openPrimary(RULE)) {
            String indexes = indexes();

            assertThatThrownBy(
                            () -> await(store.synchronize(image(kind, rows(kind, 100), 101), 5, 1, SyncListener.NONE)))
                    .hasMessageContaining("synchronize");

            assertThat(indexes()).isEqualTo(indexes);
            assertThat(held(store)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void a_reader_that_leaves_in_the_middle_gives_its_connection_back(Kind kind) throws Exception {
        postgres = new PostgresFixture(kind);
        try (PostgresStore store = postgres.openPrimary(RULE)) {
            await(store.synchronize(image(kind, rows(kind, 20_000), 20_000), 5, 1, SyncListener.NONE));
            AssertSubscriber<TextImage.Part> reader = await(store.text(kind, Runnable::run))
                    .parts()
                    .subscribe()
                    .withSubscriber(AssertSubscriber.create(1));
            reader.awaitItems(1, LIMIT);

            reader.cancel();

            Awaitility.await("no transaction is left").atMost(LIMIT).until(() -> postgres.text(
                            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                    + " AND pid <> pg_backend_pid() AND backend_xmin IS NOT NULL")
                    .equals("0"));
        }
    }
}
