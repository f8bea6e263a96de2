package io.homebudget.migration.metrics;

/** Every metric that this service adds. Dashboards and alerts rely on these names. */
public final class MetricNames {
    /** What all of them begin with. */
    static final String OWN = "migration_";

    public static final String RUN_PROGRESS = "migration_run_progress_ratio";
    public static final String ROLLBACK_READY = "migration_rollback_ready";
    public static final String ROLLBACK_BLOCKED = "migration_rollback_blocked";
    public static final String EVENT_RETENTION_MARGIN = "migration_event_retention_margin_seconds";
    public static final String DISCREPANCIES_OPEN = "migration_discrepancies_open";
    public static final String DISCREPANCIES_TOTAL = "migration_discrepancies_total";
    public static final String REPAIRS_TOTAL = "migration_repairs_total";
    public static final String CHANGES_COMPARED = "migration_changes_compared_total";
    public static final String CHANGES_WAITING = "migration_changes_waiting";
    public static final String EVENTS_PUT_ASIDE = "migration_events_put_aside";
    public static final String VERIFIED_THROUGH_AGE = "migration_verified_through_age_seconds";
    public static final String WEBSOCKET_CONNECTIONS = "migration_websocket_connections";

    public static final String KIND = "kind";
    public static final String TYPE = "type";
    public static final String CAUSE = "cause";
    public static final String RESULT = "result";
    public static final String REASON = "reason";

    private MetricNames() {}
}
