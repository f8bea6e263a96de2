package io.homebudget.ledger.storage.breakglass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.config.DatabaseUrl;
import io.homebudget.ledger.entry.EntryRules;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.breakglass.RestoreSnapshot.Damaged;
import io.homebudget.ledger.storage.json.JsonStore;
import io.homebudget.ledger.storage.json.JsonStoreConfig;
import io.homebudget.ledger.storage.schema.Schema;
import io.homebudget.ledger.storage.schema.StepLimits;
import io.homebudget.ledger.storage.store.Standing;
import io.homebudget.ledger.storage.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged folder beside a real PostgreSQL that may rule. */
class RestoreSnapshotIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path home;

    private final PostgresServer.Database database = PostgresServer.running().createDatabase();
    private Path folder;
    private Path snapshot;

    @BeforeEach
    void damagedFolder() throws Exception {
        folder = Files.createDirectory(home.resolve("income"));
        Files.writeString(folder.resolve(RestoreSnapshotTest.JSON_FILE), "[ damaged");
        snapshot = RestoreSnapshotTest.snapshotIn(home);
    }

    @Test
    void where_postgres_rules_nothing_is_taken_back_and_the_new_store_waits_to_be_filled_from_it() throws Exception {
        postgresSays(Phase.DATABASE_READS, 9);

        assertThat(run(database.url(), Damaged.REPLACE)).startsWith("PostgreSQL rules in DATABASE_READS");

        try (JsonStore json = store()) {
            Standing standing = json.standing().await().atMost(LIMIT);
            assertThat(standing.decided()).contains(new Rule(9, Phase.DATABASE_READS));
            assertThat(standing.identity()).isEqualTo(RestoreSnapshotTest.IDENTITY);
            assertThat(standing.followerState()).isEqualTo(Standing.FollowerState.NEEDS_BACKFILL);
            assertThat(json.count().await().atMost(LIMIT)).isZero();
        }
    }

    @Test
    void where_the_json_store_rules_the_new_one_is_made_of_the_snapshot() throws Exception {
        postgresSays(Phase.DUAL_WRITE, 9);

        run(database.url(), Damaged.REPLACE);

        restored();
    }

    @Test
    void where_postgres_never_had_the_ledger_the_new_one_is_made_of_the_snapshot() throws Exception {
        run(database.url(), Damaged.REPLACE);

        restored();
    }

    @Test
    void a_postgres_that_cannot_be_asked_may_rule_so_loss_must_be_accepted() throws Exception {
        String nowhere = "postgresql://postgres:postgres@localhost:1/postgres";

        assertThatThrownBy(() -> run(nowhere, Damaged.REPLACE))
                .hasMessageContaining("cannot be asked")
                .hasMessageContaining("--accept-loss");
        assertThat(folder.resolve(RestoreSnapshotTest.JSON_FILE)).hasContent("[ damaged");

        run(nowhere, Damaged.REPLACE_ACCEPTING_LOSS);

        restored();
    }

    private void restored() throws IOException {
        try (JsonStore json = store()) {
            assertThat(json.standing()
                            .await()
                            .atMost(LIMIT)
                            .decided()
                            .orElseThrow()
                            .phase())
                    .isEqualTo(Phase.JSON_ONLY);
            assertThat(json.count().await().atMost(LIMIT)).isEqualTo(1);
        }
    }

    private void postgresSays(Phase phase, long epoch) throws Exception {
        new Schema(
                        database.dataSource(),
                        "income",
                        "classpath:db/income",
                        StepLimits.statementWithin(Duration.ofSeconds(300)),
                        Runnable::run)
                .migrate()
                .await()
                .atMost(LIMIT);
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE income.ledger_state SET decided_epoch = " + epoch + ", decided_phase = '" + phase
                    + "', json_identity = '" + RestoreSnapshotTest.IDENTITY + "'");
        }
    }

    private String run(String url, Damaged damaged) throws IOException {
        return RestoreSnapshot.run(Kind.INCOME, folder, Optional.of(DatabaseUrl.parse(url)), damaged, snapshot);
    }

    private JsonStore store() throws IOException {
        EntryRules rules = new EntryRules(Kind.INCOME, "\u20aa");
        return JsonStore.open(
                JsonStoreConfig.of(Kind.INCOME, folder), Clock.systemUTC(), UUID::randomUUID, rules::take);
    }
}
