package io.homebudget.ledger.storage.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.storage.testing.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The schema is the one asked for. That no filtered query scans a whole table is {@code PostgresPlansIT}'s. */
class SchemaIT {
    private static final PostgresServer.Database DATABASE =
            PostgresServer.running().createDatabase();

    @BeforeAll
    static void migrate() {
        for (Kind kind : Kind.values()) {
            Schema schema = new Schema(
                    DATABASE.dataSource(),
                    kind.word(),
                    "classpath:db/" + kind.word(),
                    StepLimits.statementWithin(Duration.ofSeconds(300)),
                    Runnable::run);
            Schema.Status before = schema.status().await().atMost(Duration.ofSeconds(10));
            assertThat(before.current()).isNull();
            assertThat(before.needsUpdate()).isTrue();
            Schema.Status after = schema.migrate().await().atMost(Duration.ofSeconds(20));
            assertThat(after.current()).isEqualTo("1").isEqualTo(after.target());
            assertThat(after.needsUpdate()).isFalse();
            assertThat(after.tooNew()).isFalse();
            schema.validate().await().atMost(Duration.ofSeconds(10));
        }
    }

    private static List<String> rows(String sql) throws Exception {
        try (Connection connection = DATABASE.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                all.add(rows.getString(1));
            }
            return all;
        }
    }

    @Test
    void the_columns_are_those_that_were_asked_for() throws Exception {
        List<String> asked = List.of(
                "id bigint",
                "date date",
                "business character varying(255)",
                "category character varying(100)",
                "amount numeric(10,2)",
                "account character varying(100)",
                "currency character varying(10)",
                "notes text");
        assertThat(columns("expense.expenses")).containsSubsequence(asked);
        assertThat(columns("income.incomes"))
                .containsSubsequence(
                        asked.stream().filter(c -> !c.startsWith("business")).toList())
                .noneMatch(c -> c.startsWith("business"));
        assertThat(columns("expense.audit_log"))
                .extracting(c -> c.split(" ")[0])
                .containsExactly(
                        "id",
                        "table_name",
                        "record_id",
                        "action",
                        "old_value",
                        "new_value",
                        "changed_at",
                        "changed_by");
        assertThat(columns("expense.feature_flags"))
                .extracting(c -> c.split(" ")[0])
                .containsExactly("id", "name", "enabled", "user_id", "description", "created_at", "updated_at");
    }

    private static List<String> columns(String table) throws Exception {
        return rows("SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = '"
                + table + "'::regclass AND attnum > 0 ORDER BY attnum");
    }

    @Test
    void a_flag_has_one_global_row_at_most() throws Exception {
        rows("INSERT INTO expense.feature_flags (name) VALUES ('f') RETURNING id");
        Assertions.assertThatThrownBy(() -> rows("INSERT INTO expense.feature_flags (name) VALUES ('f') RETURNING id"))
                .hasMessageContaining("feature_flags_global_key");
    }
}
