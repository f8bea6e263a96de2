package io.homebudget.ledger.storage.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The digest that Java computes of an entry is the one that PostgreSQL computes of its columns, whatever they hold. */
class EntryDigestIT {
    private static final LocalDate DAY = LocalDate.of(2026, 3, 14);
    /** Texts that a careless canonical form would confuse with null, with each other or with the parts beside them. */
    private static final List<String> TEXTS = List.of(
            "",
            " ",
            "-",
            "a",
            "A",
            "A ",
            "1:a",
            "|-",
            "a|1:b",
            "\u0001\t\r\n\\N",
            "%_'\"$1",
            "e\u0301",
            "\u00e9",
            "\ud83d\ude00",
            "\ue000",
            "x".repeat(99));

    @ParameterizedTest
    @EnumSource(Kind.class)
    @Tag("A12")
    @Tag("A20")
    void javaAndSqlAgreeOnEveryShapeOfEveryFieldAndNoTwoShapesAreTheSame(Kind kind) throws SQLException {
        List<Entry> entries = entries(kind);
        try (PostgresFixture postgres = new PostgresFixture(kind)) {
            insert(postgres, kind, entries);

            List<UUID> computed = digests(postgres, kind);

            assertThat(computed)
                    .isEqualTo(entries.stream().map(EntryDigest::of).toList())
                    .doesNotHaveDuplicates();
            // without the id, which every entry has another of: no two shapes are taken for the same
            assertThat(entries.stream().map(entry -> EntryDigest.of(entry.withId(1))))
                    .doesNotHaveDuplicates();
        }
    }

    private static List<Entry> entries(Kind kind) {
        List<Entry> entries = new ArrayList<>();
        add(entries, DAY, null, "c", 100, "a", "x", null);
        for (String text : TEXTS) {
            if (kind == Kind.EXPENSE) {
                add(entries, DAY, text, "c", 100, "a", "x", null);
            }
            add(entries, DAY, null, text + "!", 100, "a", "x", null);
            add(entries, DAY, null, "c", 100, text + "!", "x", null);
            add(entries, DAY, null, "c", 100, "a", text.length() > 9 ? "long" : text + "!", null);
            add(entries, DAY, null, "c", 100, "a", "x", text);
        }
        for (long cents : new long[] {0, 1, -1, 10, 99, -99, 101, -100, 9_999_999_999L, -9_999_999_999L}) {
            add(entries, DAY, null, "c", cents, "a", "x", null);
        }
        for (LocalDate date : List.of(
                LocalDate.of(1, 1, 1),
                LocalDate.of(1999, 12, 31),
                LocalDate.of(2000, 1, 1),
                LocalDate.of(2024, 2, 29),
                LocalDate.of(9999, 12, 31))) {
            add(entries, date, null, "c", 100, "a", "x", null);
        }
        add(entries, DAY, null, "", 100, "a", "x", null);
        add(entries, DAY, null, "c", 100, "", "x", null);
        return entries;
    }

    private static void add(
            List<Entry> entries,
            LocalDate date,
            String business,
            String category,
            long cents,
            String account,
            String currency,
            String notes) {
        entries.add(new Entry(entries.size() + 1L, date, business, category, cents, account, currency, notes));
    }

    private static void insert(PostgresFixture postgres, Kind kind, List<Entry> entries) throws SQLException {
        boolean business = kind == Kind.EXPENSE;
        String sql = "INSERT INTO " + kind.word() + "." + kind.plural()
                + " (id, date, category, amount, account, currency," + " notes" + (business ? ", business" : "")
                + ") VALUES (?, ?, ?, ?, ?, ?, ?" + (business ? ", ?)" : ")");
        try (Connection connection = postgres.database.dataSource().getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (Entry entry : entries) {
                statement.setLong(1, entry.id());
                statement.setObject(2, entry.date());
                statement.setString(3, entry.category());
                statement.setBigDecimal(4, BigDecimal.valueOf(entry.cents(), 2));
                statement.setString(5, entry.account());
                statement.setString(6, entry.currency());
                statement.setString(7, entry.notes());
                if (business) {
                    statement.setString(8, entry.business());
                }
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private static List<UUID> digests(PostgresFixture postgres, Kind kind) throws SQLException {
        List<UUID> digests = new ArrayList<>();
        try (Connection connection = postgres.database.dataSource().getConnection();
                PreparedStatement statement = connection.prepareStatement("SELECT "
                        + EntryDigest.sqlExpression("t", kind == Kind.EXPENSE) + " FROM " + kind.word() + "."
                        + kind.plural()
                        + " t ORDER BY t.id");
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                digests.add(rows.getObject(1, UUID.class));
            }
        }
        return digests;
    }
}
