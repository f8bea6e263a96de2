package io.homebudget.e2e.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.e2e.check.Discrepancies.Found;
import io.homebudget.e2e.stack.Api;
import io.homebudget.e2e.stack.Stack;
import java.io.IOException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Damage put straight into the tables of PostgreSQL, as a person with psql would, on entries that no client touches; and what
 * must be reported for it.
 */
public final class Faults {
    private static final long FAR = 9_000_000_000L;
    private static final List<String> DAMAGE = List.of(
            "date = date + 1",
            "business = coalesce(business, '') || ' '",
            "category = upper(category)",
            "amount = amount + 0.01",
            "account = account || 'x'",
            "currency = 'XXX'",
            "notes = null");
    private static final List<String> FIELDS =
            List.of("date", "business", "category", "amount", "account", "currency", "notes");

    private final Stack stack;
    private final List<Found> expected = new ArrayList<>();
    private long made;

    public Faults(Stack stack) {
        this.stack = stack;
    }

    /** What must be found, in no order. */
    public List<Found> expected() {
        return expected;
    }

    public void forget() {
        expected.clear();
    }

    /** So many rounds of: each field, swapped contents, missing, extra, brought back, stale. */
    public void inject(int rounds, Runnable settled) throws IOException, InterruptedException, SQLException {
        for (int round = 0; round < rounds; round++) {
            List<Long> fields = create(FIELDS.size());
            long first = create(1).get(0);
            long second = create(1).get(0);
            long missing = create(1).get(0);
            long deleted = create(1).get(0);
            long stale = create(1).get(0);
            settled.run();
            try (Connection connection = stack.postgres();
                    Statement sql = connection.createStatement()) {
                sql.execute("set search_path = expense");
                sql.execute("create temp table kept as select * from expenses where id in (" + deleted + ", " + stale
                        + ")");
                // 404 where a first answer was lost
                assertThat(api().delete("/api/v1/expense/" + deleted).status()).isIn(200, 404);
                api().patch("/api/v1/expense/" + stale, Map.of("field", "account", "value", "newer"))
                        .must(200);
                settled.run();
                for (int i = 0; i < fields.size(); i++) {
                    sql.execute("update expenses set " + DAMAGE.get(i) + " where id = " + fields.get(i));
                    expect(fields.get(i), "field", FIELDS.get(i));
                }
                swap(sql, first, second);
                sql.execute("delete from expenses where id = " + missing);
                expect(missing, "missing", "");
                long extra = FAR + made++;
                sql.execute("insert into expenses (id, date, category, amount, account) values (" + extra
                        + ", date '2026-01-31', 'by hand', 1.00, 'cash')");
                expect(extra, "extra", "");
                sql.execute("insert into expenses select * from kept where id = " + deleted);
                expect(deleted, "extra", "");
                sql.execute("delete from expenses where id = " + stale);
                sql.execute("insert into expenses select * from kept where id = " + stale);
                expect(stale, "stale", "account");
                sql.execute("drop table kept");
            }
        }
    }

    private void swap(Statement sql, long first, long second) throws SQLException {
        String columns = "date, business, category, amount, account, currency, notes";
        sql.execute("update expenses e set (" + columns + ") = (select " + columns
                + " from expenses o where o.id = case e.id when " + first + " then " + second + "::bigint else " + first
                + "::bigint end) where e.id in (" + first + ", " + second + ")");
        expect(first, "field", "date business category amount account notes");
        expect(second, "field", "date business category amount account notes");
    }

    private void expect(long entry, String type, String fields) {
        expected.add(new Found(entry, type, "postgres", "served", fields));
    }

    private Api api() throws IOException {
        return Api.of(stack, "front-door", null).patient();
    }

    private List<Long> create(int many) throws IOException, InterruptedException {
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            long number = made++;
            Map<String, Object> entry = new TreeMap<>(Map.of(
                    "date",
                    String.format("2026-%02d-%02d", 1 + number % 12, 1 + number % 27),
                    "business",
                    "b" + number,
                    "category",
                    "calm" + number,
                    "amount",
                    BigDecimal.valueOf(1_000 + number, 2),
                    "account",
                    "a" + number,
                    "notes",
                    "n" + number));
            ids.add(api().post("/api/v1/expense", entry, UUID.randomUUID().toString())
                    .must(200)
                    .json()
                    .path("expense")
                    .path("id")
                    .asLong());
        }
        return ids;
    }
}
