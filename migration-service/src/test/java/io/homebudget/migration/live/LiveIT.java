package io.homebudget.migration.live;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.migration.standin.Api;
import io.homebudget.migration.standin.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = World.class, restrictToAnnotatedClass = true)
class LiveIT implements World.Aware {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TestHTTPResource("/api/v1/migration/live")
    URI address;

    @Inject
    Live live;

    private World world;
    private final Client client = new Client(true);
    private WebSocket socket;

    @Override
    public void enter(World entered) {
        world = entered;
    }

    /** Collects what comes; one that does not read asks for nothing more. */
    private static final class Client implements WebSocket.Listener {
        private final boolean reads;
        private final List<JsonNode> messages = new CopyOnWriteArrayList<>();
        private final AtomicInteger closed = new AtomicInteger();
        private final StringBuilder part = new StringBuilder();

        Client(boolean reads) {
            this.reads = reads;
        }

        @Override
        public void onOpen(WebSocket socket) {
            if (reads) {
                socket.request(1);
            }
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            part.append(text);
            if (last) {
                try {
                    messages.add(JSON.readTree(part.toString()));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
                part.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.set(code);
            return null;
        }

        List<String> types() {
            return messages.stream()
                    .map(message -> message.get("type").asText())
                    .toList();
        }
    }

    private List<String> phasesTold(long epoch) {
        return client.messages.stream()
                .filter(message -> message.get("type").asText().equals("phase_changed")
                        && message.path("kind").asText().equals("expense")
                        && message.at("/state/epoch").asLong() == epoch)
                .map(message -> message.at("/state/phase").asText())
                .toList();
    }

    private WebSocket connect(Client one) throws Exception {
        URI ws = URI.create(address.toString().replaceFirst("^http", "ws"));
        return HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .subprotocols(World.VIEWER)
                .buildAsync(ws, one)
                .get(10, TimeUnit.SECONDS);
    }

    @BeforeEach
    void listen() throws Exception {
        Api.awaitReady();
        world.expense.ledger.write(1, "one");
        socket = connect(client);
    }

    @AfterEach
    void leave() {
        socket.abort();
        Awaitility.await().until(() -> live.listeners() == 0);
        if (world.expense.ledger.phase() == Phase.DUAL_WRITE) {
            Api.ended(Api.accepted("expense", "JSON_ONLY"));
        }
        world.income.ledger.newestSchema(1, 0);
    }

    @Test
    void theStateComesFirstAndEveryMessageIsAsTheServedSchemaSays() {
        world.income.ledger.newestSchema(2, 0);
        Api.ended(Api.accepted("expense", "DUAL_WRITE"));
        RestAssured.given()
                .header("Authorization", "Bearer " + World.OPERATOR)
                .contentType("text/plain")
                .body("[{\"amount\":1,\"category\":\"c\"}]")
                .post(Api.ROOT + "/imports?kind=expense")
                .then()
                .statusCode(202);
        live.discrepancy("expense", Map.of("id", 1));
        Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(client.types())
                .contains("progress", "complete", "phase_changed", "discrepancy", "update_available"));
        Awaitility.await().untilAsserted(() -> assertThat(client.messages)
                .anySatisfy(message -> assertThat(message.has("import")).isTrue()));

        assertThat(client.types().get(0)).isEqualTo("state");
        assertThat(client.types().stream().filter("state"::equals)).hasSize(1);
        JsonSchema schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(RestAssured.get("/live/schema.json")
                        .then()
                        .statusCode(200)
                        .extract()
                        .asString());
        assertThat(client.messages)
                .allSatisfy(message -> assertThat(schema.validate(message)).isEmpty());
    }

    @Test
    void aPhaseChangeIsToldOnceWithItsPhaseThoughTheServiceIsAwayForAMoment() {
        Awaitility.await().until(() -> client.types().contains("state"));
        long epoch = world.expense.ledger.epoch() + 1;
        world.expense.cutOffAfter(epoch);
        world.expense.ledger.change(new PhaseChange(Phase.DUAL_WRITE, epoch - 1, false, "test", "test"));
        Awaitility.await().until(() -> phasesTold(epoch).contains("DUAL_WRITE"));

        world.expense.ledger.change(new PhaseChange(Phase.JSON_ONLY, epoch, false, "test", "test"));
        Awaitility.await().until(() -> phasesTold(epoch + 1).contains("JSON_ONLY"));

        assertThat(phasesTold(epoch)).containsExactly("DUAL_WRITE");
        assertThat(client.messages)
                .filteredOn(message -> message.get("type").asText().equals("phase_changed"))
                .noneMatch(message -> message.at("/state/phase").isNull());
    }

    @Test
    void aClientThatDoesNotReadIsDroppedAndNobodyWaitsForIt() throws Exception {
        Client deaf = new Client(false);
        WebSocket stuck = connect(deaf);
        Awaitility.await().until(() -> live.listeners() >= 2);
        String long1 = "x".repeat(200_000);

        for (int i = 0; i < 400; i++) {
            live.progress("import", "expense", Map.of("note", long1));
        }

        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> live.listeners() <= 1);
        stuck.abort();
    }

    @Test
    void withoutATokenNobodyListens() {
        URI ws = URI.create(address.toString().replaceFirst("^http", "ws"));

        assertThat(HttpClient.newHttpClient().newWebSocketBuilder().buildAsync(ws, new Client(true)))
                .failsWithin(Duration.ofSeconds(10));
    }
}
