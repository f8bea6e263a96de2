package io.homebudget.migration.verify;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import java.time.Instant;
import java.util.UUID;

/** One verification as PostgreSQL keeps it. */
@Entity(name = "Verification")
@Table(name = "verifications")
public class VerificationRow extends PanacheEntityBase {
    @Id
    public UUID id;

    public String kind;
    public String state;

    @Column(name = "run_id")
    public UUID runId;

    public String actor;
    public String reason;
    public long done;
    public long total;
    public long compared;
    public long differences;

    @Column(name = "false_alarms_dropped")
    public long falseAlarmsDropped;

    /** Found again, and not counted in {@link #differences}: a person has dismissed them. */
    public long dismissed;

    /**
     * Rows that were read one by one, each side and each repetition counted; null while running. Told by the process that
     * verified, and in its log: no table has it, so that nothing depends on an upgrade.
     */
    @Transient
    public Long entriesRead;

    @Column(name = "verified_through")
    public Long verifiedThrough;

    public double seconds;
    public String error;

    @Column(name = "started_at")
    public Instant startedAt;

    @Column(name = "finished_at")
    public Instant finishedAt;

    @Column(name = "heartbeat_at")
    public Instant heartbeatAt;

    public boolean running() {
        return "running".equals(state);
    }

    public boolean clean() {
        return "succeeded".equals(state) && differences == 0;
    }
}
