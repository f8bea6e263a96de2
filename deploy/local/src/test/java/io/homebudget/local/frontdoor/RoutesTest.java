package io.homebudget.local.frontdoor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutesTest {

    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/expense, expense",
        "POST, /api/v1/expense/bulk-delete, expense",
        "GET, /api/v1/health, expense",
        "GET, /api/v1/income/7, income",
        "GET, /api/v1/migration/status, migration",
        "GET, /api/database/status, migration",
        "GET, /api/database/backup, migration",
        "POST, /api/database/backup, backup",
        "POST, /api/database/restore/b-1, backup",
        "POST, /api/database/update, migration",
        "GET, /console/app.js, migration",
        "GET, /live, migration",
        "GET, /api/v1/backups, backup",
        "GET, /api/v1/backup-jobs/1, backup",
    })
    void each_path_has_one_service(String method, String path, String service) {
        assertThat(Routes.find(method, path)).contains(new Routes.Route(service, path));
    }

    @Test
    void metrics_and_documents_are_found_at_each_service_s_own_path() {
        assertThat(Routes.find("GET", "/metrics/income")).contains(new Routes.Route("income", "/q/metrics"));
        assertThat(Routes.find("GET", "/docs/backup/openapi")).contains(new Routes.Route("backup", "/q/openapi"));
    }

    @ParameterizedTest
    @CsvSource({"/api/v1/expenses", "/api/v1/expensex", "/internal/v1/phase", "/q/metrics", "/"})
    void nothing_else_passes_and_the_internal_api_least_of_all(String path) {
        assertThat(Routes.find("GET", path)).isEmpty();
        assertThat(Routes.find("POST", path)).isEmpty();
    }
}
