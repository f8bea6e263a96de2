package io.homebudget.ledger.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.storage.store.Listing;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The very statements that filtered lists send, with their values, find their rows by an index. Only the text search {@code q} must
 * look at every row that the other filters leave.
 */
class PostgresPlansIT {
    private static final LocalDate FROM = LocalDate.of(2005, 5, 1);
    private static final LocalDate TO = LocalDate.of(2005, 5, 31);
    private static final Listing.After AFTER = new Listing.After(LocalDate.of(2010, 1, 1), 5);

    @ParameterizedTest
    @EnumSource(Kind.class)
    void no_filtered_list_scans_the_whole_table(Kind kind) throws Exception {
        try (PostgresFixture postgres = new PostgresFixture(kind)) {
            fill(postgres, kind);
            Map<String, Listing> lists = new TreeMap<>();
            lists.put("from and to", new Listing(FROM, TO, null, null, null, 0, null));
            lists.put("category", new Listing(null, null, "category 7", null, null, 0, null));
            lists.put("account", new Listing(null, null, null, "account 7", null, 0, null));
            lists.put("days and category", new Listing(FROM, TO, "category 7", null, null, 0, null));
            lists.put("category and account", new Listing(null, null, "category 7", "account 7", null, 100, null));
            lists.put("days and text", new Listing(FROM, TO, null, null, "x", 100, null));
            lists.put("first page", new Listing(null, null, null, null, null, 100, null));
            lists.put("next page", new Listing(null, null, null, null, null, 100, AFTER));
            lists.put("next page from a day on", new Listing(FROM, null, null, null, null, 100, AFTER));
            for (Map.Entry<String, Listing> list : lists.entrySet()) {
                assertThat(plan(postgres, kind, list.getValue()))
                        .as(list.getKey())
                        .contains("Index")
                        .doesNotContain("Seq Scan");
            }
            assertThat(plan(postgres, kind, lists.get("next page")))
                    .as("a page is read in its order")
                    .contains("Index Scan Backward")
                    .doesNotContain("Sort");
        }
    }

    private static void fill(PostgresFixture postgres, Kind kind) throws SQLException {
        String table = kind.word() + "." + kind.plural();
        postgres.execute(
                "INSERT INTO " + table + " (date, category, amount, account) SELECT DATE '2000-01-01' + n % 9000,"
                        + " 'category ' || n % 500, n, 'account ' || n % 500 FROM generate_series(1, 50000) n");
        postgres.execute("ANALYZE " + table);
    }

    private static String plan(PostgresFixture postgres, Kind kind, Listing listing) throws Exception {
        Reading.Selection selection = new Reading.Selection(new Statements(kind), listing);
        StringBuilder plan = new StringBuilder();
        for (Row row : postgres.pool
                .preparedQuery("EXPLAIN " + selection.list())
                .execute(Tuple.from(selection.values()))
                .toCompletionStage()
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS)) {
            plan.append(row.getString(0)).append('\n');
        }
        return plan.toString();
    }
}
