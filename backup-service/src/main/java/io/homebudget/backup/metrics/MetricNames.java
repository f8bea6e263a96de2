package io.homebudget.backup.metrics;

/** Every metric that this service adds. Dashboards and alerts rely on these names. */
public final class MetricNames {
    public static final String LAST_SUCCESS = "backup_last_success_timestamp_seconds";
    public static final String LAST_VERIFIED = "backup_last_verified_timestamp_seconds";
    /** When the last drill that brought the kind back ended; NaN where none is known. */
    public static final String LAST_DRILL = "backup_last_drill_timestamp_seconds";

    public static final String SIZE = "backup_size_bytes";
    public static final String RPO = "backup_rpo_seconds";
    public static final String DRILL_SECONDS = "backup_drill_seconds";
    public static final String DRILL_LAST_RESULT = "backup_drill_last_result";
    /** 1 where changes since the newest good snapshot are gone (A28); 0 where all are there; NaN where it cannot be asked. */
    public static final String RECOVERY_AT_RISK = "backup_recovery_at_risk";

    public static final String KIND = "kind";

    private MetricNames() {}
}
