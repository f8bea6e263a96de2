package io.homebudget.ledger.storage.testing;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.InternalApi;
import io.restassured.response.Response;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Feature flags with a real PostgreSQL, and while it is away. The tests' environment has {@code FF_FROM_ENVIRONMENT=true}. */
public abstract class FlagsContract implements ApiCalls, RealStores.Aware {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Kind kind;
    private RealStores stores;

    protected FlagsContract(Kind kind) {
        this.kind = kind;
    }

    @Override
    public void enter(RealStores real) {
        stores = real;
    }

    @Override
    public Kind kind() {
        return kind;
    }

    @Override
    public long id(int nth) {
        return nth;
    }

    @BeforeEach
    void waitForPostgres() {
        await().atMost(PATIENCE).until(() -> given().get("/health").asString().contains("\"database\":\"connected\""));
    }

    @Test
    void a_flag_is_set_for_everybody_and_then_for_one() {
        flag("dark_mode", "{\"enabled\":true,\"description\":\"for \\u05d0\"}", 200);
        answers(
                call().get(root() + "/flags/DARK_MODE"),
                200,
                "{\"name\":\"DARK_MODE\",\"enabled\":true,\"source\":\"global\",\"description\":\"for \u05d0\"}");

        flag("Dark_Mode?user_id=u1", "{\"enabled\":false}", 200);

        applies("dark_mode?user_id=u1", false, "user");
        applies("dark_mode?user_id=u2", true, "global");
        applies("dark_mode", true, "global");
        flag("dark_mode?user_id=u1", "{\"enabled\":true}", 200);
        applies("dark_mode?user_id=u1", true, "user");
        assertThat(call().get(root() + "/flags").jsonPath().getList("name"))
                .containsOnlyOnce("DARK_MODE")
                .contains("FROM_ENVIRONMENT", "USE_DATABASE_STORAGE", "DUAL_WRITE_ENABLED");
        assertThat(call().get(root() + "/flags?user_id=u1")
                        .jsonPath()
                        .getString("find { it.name == 'DARK_MODE' }.source"))
                .isEqualTo("user");
    }

    @Test
    void the_environment_comes_before_the_user_the_user_before_all_and_all_before_the_default() {
        applies("from_environment", true, "environment");
        flag("from_environment", "{\"enabled\":false}", 200);
        flag("from_environment?user_id=u1", "{\"enabled\":false}", 200);
        applies("from_environment", true, "environment");
        applies("from_environment?user_id=u1", true, "environment");
        applies("nobody_set_this", false, "default");
    }

    @Test
    void the_storage_flags_follow_from_the_phase_and_are_read_only() {
        for (String name : new String[] {"use_database_storage", "DUAL_WRITE_ENABLED"}) {
            boolean enabled = call().get(root() + "/flags/" + name).jsonPath().getBoolean("enabled");
            Response refused = operator().body("{\"enabled\":" + !enabled + "}").put(root() + "/flags/" + name);
            problem(refused, 409, "conflict");
            assertThat(refused.jsonPath().getString("detail")).contains("/runs");
            applies(name, enabled, "phase");
        }
    }

    @Test
    void a_user_that_the_table_cannot_hold_is_refused() {
        flag("f?user_id=" + "x".repeat(100), "{\"enabled\":true}", 200);
        for (String user : new String[] {"x".repeat(101), "", "a%00"}) {
            invalid(
                    operator().body("{\"enabled\":true}").put(root() + "/flags/f?user_id=" + user),
                    "query/user_id",
                    "value_error");
            invalid(call().get(root() + "/flags/f?user_id=" + user), "query/user_id", "value_error");
        }
    }

    @Test
    void without_postgresql_nothing_is_set_reading_goes_on_and_afterwards_all_is_as_before() {
        flag("kept", "{\"enabled\":true}", 200);
        stores.stopPostgres();
        try {
            Response refused = operator().body("{\"enabled\":false}").put(root() + "/flags/kept");
            assertThat(refused.statusCode()).isEqualTo(503);
            applies("kept", false, "default");
            applies("from_environment", true, "environment");
            // a moment too long for certainty is possible, not twice
            await().atMost(PATIENCE)
                    .untilAsserted(() -> problem(
                            operator().body("{\"enabled\":false}").put(root() + "/flags/kept"), 503, "not-written"));
        } finally {
            stores.startPostgresAgain();
        }
        await().atMost(PATIENCE).untilAsserted(() -> applies("kept", true, "global"));
    }

    @Test
    void the_first_question_about_the_schema_after_postgresql_was_away_is_answered() {
        assertThat(schema()).isEqualTo(200);
        stores.stopPostgres();
        stores.startPostgresAgain();
        waitForPostgres();
        assertThat(schema()).isEqualTo(200);
    }

    private int schema() {
        return given().header("Authorization", "Bearer " + SERVICE)
                .get(InternalApi.ROOT + "/schema")
                .statusCode();
    }

    @Test
    void the_configuration_shows_where_postgresql_is_but_not_its_password() {
        String url = given().get("/api/v1/config/show").jsonPath().getString("database_url");
        assertThat(url).startsWith("postgresql://postgres:").contains("***").doesNotContain("postgres:postgres@");
    }

    private void flag(String nameAndQuery, String body, int status) {
        Response answer = operator().body(body).put(root() + "/flags/" + nameAndQuery);
        assertThat(answer.statusCode()).as(answer.asString()).isEqualTo(status);
    }

    private void applies(String nameAndQuery, boolean enabled, String source) {
        Response flag = call().get(root() + "/flags/" + nameAndQuery);
        assertThat(flag.statusCode()).isEqualTo(200);
        assertThat(flag.jsonPath().getString("source")).isEqualTo(source);
        assertThat(flag.jsonPath().getBoolean("enabled")).isEqualTo(enabled);
    }
}
