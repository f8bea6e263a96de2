package io.homebudget.ledger.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.error.LedgerError;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AccessTokensTest {
    private static final String OPERATOR = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    private static final String VIEWER = "1f1e2d3c4b5a69788796a5b4c3d2e1f1";
    private static final String SERVICE = "2f1e2d3c4b5a69788796a5b4c3d2e1f2";
    private final AccessTokens tokens =
            AccessTokens.of("prod", Map.of(Role.OPERATOR, OPERATOR, Role.VIEWER, VIEWER, Role.SERVICE, SERVICE));

    private LedgerError error(String authorization, Role... wanted) {
        return tokens.check(authorization, wanted)
                .map(refusal -> refusal.error())
                .orElse(null);
    }

    @Test
    void an_operator_may_do_what_a_viewer_may_and_not_the_reverse() {
        assertThat(error("Bearer " + OPERATOR, Role.VIEWER)).isNull();
        assertThat(error("bearer " + OPERATOR, Role.OPERATOR)).isNull();
        assertThat(error("Bearer " + VIEWER, Role.VIEWER)).isNull();
        assertThat(error("Bearer " + VIEWER, Role.OPERATOR)).isEqualTo(LedgerError.FORBIDDEN);
    }

    @Test
    void a_service_is_neither_operator_nor_viewer() {
        assertThat(error("Bearer " + SERVICE, Role.SERVICE)).isNull();
        assertThat(error("Bearer " + SERVICE, Role.VIEWER)).isEqualTo(LedgerError.FORBIDDEN);
        assertThat(error("Bearer " + OPERATOR, Role.SERVICE)).isEqualTo(LedgerError.FORBIDDEN);
        assertThat(error("Bearer " + OPERATOR, Role.SERVICE, Role.OPERATOR)).isNull();
    }

    @Test
    void no_token_and_wrong_tokens_are_unauthenticated() {
        for (String sent : new String[] {null, "", "Bearer", "Bearer ", "Bearer x", "Basic " + OPERATOR, OPERATOR}) {
            assertThat(error(sent, Role.VIEWER)).isEqualTo(LedgerError.UNAUTHENTICATED);
        }
    }

    @Test
    void outside_development_missing_short_and_default_like_tokens_refuse_the_start() {
        assertThatThrownBy(() -> AccessTokens.of("prod", Map.of()))
                .hasMessageContaining("OPERATOR_TOKEN is missing")
                .hasMessageContaining("VIEWER_TOKEN is missing")
                .hasMessageContaining("SERVICE_TOKEN is missing")
                .hasMessageContaining("openssl rand -hex 32");
        assertThatThrownBy(() -> AccessTokens.of(
                        "staging",
                        Map.of(
                                Role.OPERATOR,
                                "short",
                                Role.VIEWER,
                                "changeme".repeat(5),
                                Role.SERVICE,
                                "a".repeat(40))))
                .hasMessageContaining("OPERATOR_TOKEN has 5 characters")
                .hasMessageContaining("VIEWER_TOKEN looks like a default")
                .hasMessageContaining("SERVICE_TOKEN looks like a default");
        assertThatThrownBy(() -> AccessTokens.of(
                        "prod", Map.of(Role.OPERATOR, OPERATOR, Role.VIEWER, OPERATOR, Role.SERVICE, SERVICE)))
                .hasMessageContaining("the same");
    }

    @Test
    void in_development_a_missing_token_means_401_with_a_hint() {
        AccessTokens none = AccessTokens.of("dev", Map.of(Role.OPERATOR, " "));

        assertThat(none.check("Bearer ", Role.OPERATOR).orElseThrow().error()).isEqualTo(LedgerError.UNAUTHENTICATED);
        assertThat(none.check(null, Role.OPERATOR).orElseThrow().detail()).contains("set OPERATOR_TOKEN");
    }

    @Test
    void nothing_shows_a_token() {
        assertThat(tokens.toString()).doesNotContain(OPERATOR);
        assertThat(tokens.check("Bearer wrong-one", Role.VIEWER).toString()).doesNotContain("wrong-one");
    }
}
