package io.homebudget.bench.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PostgresUrlTest {

    @Test
    void an_owners_address_is_taken_apart() {
        PostgresUrl url = PostgresUrl.parse("postgresql://owner:p%40ss@localhost:17005/home_budget\n");

        assertThat(url).isEqualTo(new PostgresUrl("owner", "p@ss", "localhost", 17005, "home_budget"));
        assertThat(url.reactive()).isEqualTo("postgresql://localhost:17005/home_budget");
    }

    @Test
    void the_password_is_not_printed() {
        assertThat(PostgresUrl.parse("postgresql://owner:secret@localhost/x").toString())
                .doesNotContain("secret");
    }

    @Test
    void an_address_without_a_user_is_refused() {
        assertThatThrownBy(() -> PostgresUrl.parse("postgresql://localhost/x")).hasMessageContaining("user:password");
    }
}
