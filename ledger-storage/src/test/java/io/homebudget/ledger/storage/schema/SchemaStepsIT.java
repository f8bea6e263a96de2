package io.homebudget.ledger.storage.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.storage.testing.PostgresServer;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps of a schema forwards and back, each whole or not at all. */
class SchemaStepsIT {
    private static final String WAITS = Scripts.WAITS + "\n";

    private final PostgresServer.Database database = PostgresServer.running().createDatabase();

    @TempDir
    Path folder;

    private Schema schema;

    @BeforeEach
    void firstStep() throws IOException {
        write("V1__first.sql", "CREATE TABLE things (id BIGINT PRIMARY KEY);");
        schema = schema(StepLimits.statementWithin(Duration.ofSeconds(300)));
        await(schema.migrate());
    }

    private Schema schema(StepLimits limits) {
        return new Schema(database.dataSource(), "steps", "filesystem:" + folder, limits, Runnable::run);
    }

    private void write(String name, String sql) throws IOException {
        Files.writeString(folder.resolve(name), sql);
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(30));
    }

    private List<String> rows(String sql) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                all.add(rows.getString(1));
            }
            return all;
        }
    }

    private List<String> columns() throws SQLException {
        return rows("SELECT attname FROM pg_attribute WHERE attrelid = 'steps.things'::regclass AND attnum > 0"
                + " AND NOT attisdropped ORDER BY attnum");
    }

    @Test
    void what_is_pending_is_shown_with_its_sql_and_whether_the_program_works_without_it() throws IOException {
        String second = WAITS + "ALTER TABLE things ADD COLUMN a TEXT;";
        write("V2__a.sql", second);

        Schema.Status safe = await(schema.status());

        assertThat(safe.current()).isEqualTo("1");
        assertThat(safe.target()).isEqualTo("2");
        assertThat(safe.safe()).isTrue();
        assertThat(safe.pending()).singleElement().satisfies(step -> {
            assertThat(step.version()).isEqualTo("2");
            assertThat(step.sql()).isEqualTo(second);
            assertThat(step.installedAt()).isNull();
        });
        assertThat(safe.applied()).singleElement().satisfies(step -> {
            assertThat(step.sql()).isNull();
            assertThat(step.installedAt()).isNotNull();
        });
        write("V3__b.sql", "ALTER TABLE things ADD COLUMN b TEXT;");
        assertThat(await(schema.status()).safe()).isFalse();
    }

    @Test
    void an_update_stops_at_its_target() throws Exception {
        write("V2__a.sql", "ALTER TABLE things ADD COLUMN a TEXT;");
        write("V3__b.sql", "ALTER TABLE things ADD COLUMN b TEXT;");
        assertThat(await(schema.migrate("2")).current()).isEqualTo("2");
        assertThat(columns()).containsExactly("id", "a");
        assertThat(await(schema.migrate(null)).current()).isEqualTo("3");
        assertThat(columns()).containsExactly("id", "a", "b");
    }

    @Test
    void a_failing_step_leaves_nothing_behind_and_the_steps_before_it_stay() throws Exception {
        write("V2__a.sql", "ALTER TABLE things ADD COLUMN a TEXT;");
        write("V3__b.sql", "ALTER TABLE things ADD COLUMN b TEXT; INSERT INTO nowhere VALUES ('secret');");

        assertThatThrownBy(() -> await(schema.migrate()))
                .isInstanceOf(StepFailed.class)
                .hasMessageContaining("42P01")
                .hasMessageNotContaining("secret");

        assertThat(columns()).containsExactly("id", "a");
        Schema.Status status = await(schema.status());
        assertThat(status.current()).isEqualTo("2");
        assertThat(status.pending()).hasSize(1);
        write("V3__b.sql", "ALTER TABLE things ADD COLUMN b TEXT;");
        assertThat(await(schema.migrate()).current()).isEqualTo("3");
    }

    @Test
    void a_step_that_takes_too_long_or_waits_too_long_for_a_table_fails_and_leaves_nothing_behind() throws Exception {
        write("V2__slow.sql", "ALTER TABLE things ADD COLUMN a TEXT; SELECT pg_sleep(30);");
        Schema impatient = schema(new StepLimits(Duration.ofMillis(200), Duration.ofMillis(500)));
        assertThatThrownBy(() -> await(impatient.migrate()))
                .isInstanceOf(StepFailed.class)
                .hasMessageContaining("57014");
        assertThat(columns()).containsExactly("id");
        write("V2__slow.sql", "ALTER TABLE things ADD COLUMN a TEXT;");
        try (Connection reader = database.dataSource().getConnection();
                Statement statement = reader.createStatement()) {
            reader.setAutoCommit(false);
            statement.execute("SELECT * FROM steps.things");
            assertThatThrownBy(() -> await(impatient.migrate()))
                    .isInstanceOf(StepFailed.class)
                    .hasMessageContaining("55P03");
            reader.rollback();
        }
        assertThat(await(schema.migrate()).current()).isEqualTo("2");
    }

    @Test
    void the_newest_step_is_taken_back_by_its_undo_script_and_can_be_taken_again() throws Exception {
        write("V2__a.sql", WAITS + "ALTER TABLE things ADD COLUMN a TEXT;");
        write("U2__a.sql", "ALTER TABLE things DROP COLUMN a;");
        Schema.Status updated = await(schema.migrate());
        assertThat(updated.current()).isEqualTo("2");
        assertThat(updated.undoable()).isTrue();

        Schema.Status back = await(schema.undo());

        assertThat(back.current()).isEqualTo("1");
        assertThat(back.safe()).isTrue();
        assertThat(back.undoable()).isFalse();
        assertThat(back.pending()).hasSize(1);
        assertThat(columns()).containsExactly("id");
        assertThat(await(schema.migrate()).current()).isEqualTo("2");
        assertThat(columns()).containsExactly("id", "a");
    }

    @Test
    void a_failing_undo_leaves_the_step_and_its_history() throws Exception {
        write("V2__a.sql", WAITS + "ALTER TABLE things ADD COLUMN a TEXT;");
        write("U2__a.sql", "ALTER TABLE things DROP COLUMN a; DROP TABLE nowhere;");
        await(schema.migrate());

        assertThatThrownBy(() -> await(schema.undo()))
                .isInstanceOf(StepFailed.class)
                .hasMessageContaining("42P01");

        assertThat(columns()).containsExactly("id", "a");
        assertThat(await(schema.status()).current()).isEqualTo("2");
    }

    @Test
    void a_step_without_an_undo_script_or_that_the_program_needs_is_not_taken_back() throws Exception {
        assertThatThrownBy(() -> await(schema.undo()))
                .isInstanceOf(StepFailed.class)
                .hasMessageContaining("no undo");
        write("V2__a.sql", "ALTER TABLE things ADD COLUMN a TEXT;");
        write("U2__a.sql", "ALTER TABLE things DROP COLUMN a;");
        assertThat(await(schema.migrate()).undoable()).isFalse();
        assertThatThrownBy(() -> await(schema.undo()))
                .isInstanceOf(StepFailed.class)
                .hasMessageContaining("does not work without");
        assertThat(columns()).containsExactly("id", "a");
    }
}
