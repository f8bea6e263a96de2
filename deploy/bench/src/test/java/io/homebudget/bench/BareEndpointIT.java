package io.homebudget.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.bench.baseline.BareEndpoint;
import io.homebudget.bench.baseline.PostgresUrl;
import io.homebudget.bench.data.EntryGenerator;
import io.homebudget.bench.load.HttpLoad;
import io.homebudget.bench.load.LoadResult;
import io.homebudget.bench.load.PacedSender;
import io.homebudget.bench.load.Scenario;
import io.homebudget.bench.stack.Patience;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BareEndpointIT {
    private static final Path APP = Path.of("bare", "target", "quarkus-app");
    private static final List<String> BODIES = new EntryGenerator(1).bodies(32);

    @TempDir
    static Path folder;

    private static EmbeddedPostgres postgres;
    private static PostgresUrl database;
    private static BareEndpoint bare;

    @BeforeAll
    static void start() throws Exception {
        postgres = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .start();
        database = PostgresUrl.parse("postgresql://postgres:postgres@localhost:" + postgres.getPort() + "/postgres");
        bare = BareEndpoint.start(APP, database, freePort(), folder.resolve("bare.log"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (bare != null) {
            bare.close();
        }
        if (postgres != null) {
            postgres.close();
        }
    }

    @Test
    void every_create_that_the_closed_load_counts_is_a_row() throws Exception {
        long before = BareEndpoint.rows(database);

        LoadResult result = HttpLoad.run(Scenario.closed(bare.port(), 8, 2, BODIES));

        System.out.printf("bare, closed, 8 clients: %.0f/s, p99 %.1f ms%n", result.perSecond(), result.millisAt(99));
        assertThat(result.succeeded()).isPositive();
        assertThat(result.failed()).isZero();
        assertThat(BareEndpoint.rows(database) - before).isEqualTo(result.succeeded());
    }

    @Test
    void an_open_load_never_sends_faster_than_its_rate() {
        LoadResult result =
                HttpLoad.run(Scenario.open(bare.port(), 50, 2, BODIES).creates(100));

        assertThat(result.failed()).isZero();
        // how many are sent within 2 s depends on the machine; more than the rate allows never are
        assertThat(result.succeeded()).isBetween(1L, 210L);
        assertThat(result.millisAt(100)).isPositive();
    }

    @Test
    void a_paced_sender_remembers_when_each_id_was_acknowledged() throws Exception {
        PacedSender sender = PacedSender.start(bare.port(), 100, BODIES);
        Patience.until(
                "50 creates were acknowledged",
                Duration.ofSeconds(20),
                () -> sender.acknowledged().size() >= 50);
        sender.finish();

        assertThat(sender.failed()).isZero();
        assertThat(sender.acknowledged()).hasSize((int) sender.sent());
    }

    private static int freePort() throws Exception {
        for (int port = 17_100; port < 17_200; port++) {
            try (ServerSocket socket = new ServerSocket(port)) {
                return socket.getLocalPort();
            } catch (BindException taken) {
                continue;
            }
        }
        throw new IllegalStateException("no free port between 17100 and 17199");
    }
}
