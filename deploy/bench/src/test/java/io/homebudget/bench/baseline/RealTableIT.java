package io.homebudget.bench.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RealTableIT {
    @TempDir
    static Path folder;

    private static EmbeddedPostgres postgres;
    private static RealTable table;

    @BeforeAll
    static void fill() throws Exception {
        postgres = EmbeddedPostgres.start();
        PostgresUrl database =
                PostgresUrl.parse("postgresql://postgres:postgres@localhost:" + postgres.getPort() + "/postgres");
        Sql.run(database, """
                CREATE SCHEMA expense;
                CREATE TABLE expense.expenses (id BIGINT NOT NULL, date DATE NOT NULL, notes TEXT,
                    CONSTRAINT expenses_pkey PRIMARY KEY (id));
                CREATE INDEX expenses_date_idx ON expense.expenses (date, id DESC);
                CREATE TABLE expense.tombstones (id BIGINT NOT NULL PRIMARY KEY);
                INSERT INTO expense.expenses SELECT n, DATE '2021-01-01' + n, 'note ' || n FROM generate_series(1, 500) n;
                INSERT INTO expense.tombstones VALUES (501);
                """);
        table = RealTable.find(database);
    }

    @AfterAll
    static void stop() throws IOException {
        if (postgres != null) {
            postgres.close();
        }
    }

    @Test
    void the_packed_file_has_every_row_of_entries_and_tombstones() throws Exception {
        Path packed = folder.resolve("packed.zst");

        table.secondsToPack(packed);

        String text;
        try (InputStream in = new ZstdInputStream(Files.newInputStream(packed))) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        assertThat(text.lines()).hasSize(501).contains("500\t2022-05-16\tnote 500", "501");
    }

    @Test
    void the_copy_without_indexes_gets_all_of_them_afterwards() throws Exception {
        assertThat(table.indexesOfTheCopy())
                .containsExactly(
                        "CREATE UNIQUE INDEX ON bench_copy.expenses USING btree (id)",
                        "CREATE INDEX ON bench_copy.expenses USING btree (date, id DESC)");
    }

    @Test
    void a_dump_can_be_copied_both_ways_and_leaves_nothing_behind() throws Exception {
        Path dump = folder.resolve("dump.copy");
        table.dump(dump);

        table.secondsToCopy(dump);
        table.secondsToCopyThenIndex(dump);

        assertThat(Sql.number(table.database(), "SELECT count(*) FROM pg_namespace WHERE nspname = 'bench_copy'"))
                .isZero();
        assertThat(table.rows()).isEqualTo(500);
    }
}
