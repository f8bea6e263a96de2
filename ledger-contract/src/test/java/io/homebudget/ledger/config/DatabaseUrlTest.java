package io.homebudget.ledger.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ServiceLoader;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUrlTest {
    private static final String URL = "postgresql://owner:p%40ss%2Fw+rd@db.internal:6543/home_budget?sslmode=require";

    @Test
    void one_url_gives_every_setting_of_the_datasource() {
        ConfigSource source = new DatabaseUrlConfigSource(URL);

        assertThat(source.getValue("quarkus.datasource.reactive.url"))
                .isEqualTo("postgresql://db.internal:6543/home_budget?sslmode=require");
        assertThat(source.getValue("quarkus.datasource.jdbc.url"))
                .isEqualTo("jdbc:postgresql://db.internal:6543/home_budget?sslmode=require");
        assertThat(source.getValue("quarkus.datasource.username")).isEqualTo("owner");
        assertThat(source.getValue("quarkus.datasource.password")).isEqualTo("p@ss/w+rd");
        assertThat(source.getValue("ledger.database.configured")).isEqualTo("true");
        assertThat(source.getOrdinal()).isBetween(251, 299);
    }

    @Test
    void without_a_url_nothing_is_configured_and_the_place_is_a_dead_loopback_port() {
        ConfigSource source = new DatabaseUrlConfigSource(" ");

        assertThat(source.getValue("ledger.database.configured")).isEqualTo("false");
        assertThat(source.getValue("quarkus.datasource.reactive.url")).isEqualTo("postgresql://127.0.0.1:1/none");
    }

    @Test
    void a_service_without_datasources_gets_no_settings_that_nobody_reads() {
        ConfigSource source = new DatabaseUrlConfigSource(URL, false);

        assertThat(source.getPropertyNames()).containsExactly("ledger.database.configured");
    }

    @Test
    void the_password_is_never_shown() {
        assertThat(DatabaseUrl.parse(URL)).hasToString("postgresql://owner:***@db.internal:6543/home_budget");
    }

    @Test
    void defaults_and_ipv6_work() {
        assertThat(DatabaseUrl.parse("postgres://u@localhost/d").port()).isEqualTo(5432);
        assertThat(DatabaseUrl.parse("postgresql://u:p@[::1]:5433/d").reactiveUrl())
                .isEqualTo("postgresql://[::1]:5433/d");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mysql://u:sesame@h/d",
                "postgresql://u:sesame@h",
                "postgresql://u:sesame@h/a/b",
                "sesame",
                "postgresql://h/d?password=sesame",
                "postgresql://u:sesame@@h/d",
                "postgresql://u:ses ame@h/d",
                "jdbc:postgresql://u:sesame@h/d"
            })
    void what_is_no_url_is_refused_without_being_repeated(String text) {
        assertThatThrownBy(() -> DatabaseUrl.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("DATABASE_URL must read postgresql://")
                .hasMessageNotContainingAny("sesame", "ses ame");
    }

    @Test
    void the_configuration_library_finds_it() {
        assertThat(ServiceLoader.load(ConfigSource.class)).hasAtLeastOneElementOfType(DatabaseUrlConfigSource.class);
    }
}
