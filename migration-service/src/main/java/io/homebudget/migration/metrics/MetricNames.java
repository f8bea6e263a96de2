package io.homebudget.migration.metrics;

/** Every metric that this service adds. Dashboards and alerts rely on these names. */
final class MetricNames {
    static final String RUN_PROGRESS = "migration_run_progress_ratio";
    static final String ROLLBACK_READY = "migration_rollback_ready";
    static final String DISCREPANCIES_OPEN = "migration_discrepancies_open";
    static final String VERIFIED_THROUGH_AGE = "migration_verified_through_age_seconds";
    static final String WEBSOCKET_CONNECTIONS = "migration_websocket_connections";

    static final String KIND = "kind";
    static final String TYPE = "type";

    private MetricNames() {}
}
