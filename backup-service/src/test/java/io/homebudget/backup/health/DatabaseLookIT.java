package io.homebudget.backup.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.backup.drill.DrillConfig;
import io.homebudget.backup.standin.Postgres;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What {@code /health} says of PostgreSQL, with a real one. */
class DatabaseLookIT {

    @Test
    void aDatabaseThatComesAndGoesIsConnectedAndThenDisconnected() throws IOException {
        // Given
        EmbeddedPostgres postgres = Postgres.begin();
        DatabaseLook look =
                new DatabaseLook(at("postgresql://postgres:postgres@localhost:" + postgres.getPort() + "/postgres"));
        assertThat(look.last()).isEqualTo(DatabaseLook.Answer.DISCONNECTED);
        try (postgres) {
            // Then
            tells(look, "connected");
        }
        // When
        look.look();
        // Then
        assertThat(look.last().word()).isEqualTo("disconnected");
    }

    /** A first look at a slow moment may not come through in the time that one has. */
    private static void tells(DatabaseLook look, String word) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            look.look();
            assertThat(look.last().word()).isEqualTo(word);
        });
    }

    @Test
    void aServerThatRefusesIsAnErrorAndNotAway() throws IOException {
        // Given
        try (EmbeddedPostgres postgres = Postgres.begin()) {
            DatabaseLook look = new DatabaseLook(
                    at("postgresql://postgres:postgres@localhost:" + postgres.getPort() + "/no_such_one"));
            // Then
            tells(look, "error");
        }
    }

    @Test
    void aServerThatTakesTheConnectionAndNeverAnswersIsGivenUp() throws IOException {
        // Given: the backlog of this socket completes the connection, nobody reads it
        try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            DatabaseLook look = new DatabaseLook(at("postgresql://a:b@127.0.0.1:" + mute.getLocalPort() + "/c"));
            // When
            look.look();
            // Then
            assertThat(look.last().word()).isEqualTo("disconnected");
        }
    }

    @Test
    void withoutAUrlNothingIsAskedAndNothingIsConnected() {
        // Given
        DatabaseLook look = new DatabaseLook(at(null));
        // When
        look.look();
        // Then
        assertThat(look.last().word()).isEqualTo("disconnected");
    }

    private static DrillConfig at(String url) {
        return new DrillConfig() {
            @Override
            public String schedule() {
                return "off";
            }

            @Override
            public Optional<String> databaseUrl() {
                return Optional.ofNullable(url);
            }
        };
    }
}
