package io.homebudget.migration.runs;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** One run as PostgreSQL keeps it; {@link RunBook} alone changes rows. */
@Entity
@Table(name = "runs")
public class Run extends PanacheEntityBase {
    @Id
    public UUID id;

    /** The id that was answered for a run of both kinds; null for a run of one. */
    @Column(name = "batch_id")
    public UUID batchId;

    public String kind;

    @Column(name = "from_phase")
    public String fromPhase;

    public String target;
    public String state;

    @Column(name = "cancel_requested")
    public boolean cancelRequested;

    @Column(name = "dry_run")
    public boolean dryRun;

    @Column(name = "accept_loss")
    public boolean acceptLoss;

    public String actor;
    public String reason;
    public String error;

    @Column(name = "waiting_for")
    public String waitingFor;

    public long done;
    public long total;

    @Column(name = "rate_per_second")
    public double ratePerSecond;

    public long rejected;

    /** The epoch in which the run was decided. */
    @Column(name = "from_epoch")
    public long fromEpoch;

    /** The epoch of the phase that this run brought about; null before. */
    @Column(name = "changed_epoch")
    public Long changedEpoch;

    public String archive;

    /** JSON; only of a dry run. */
    public String forecast;

    public UUID owner;

    @Column(name = "lease_until")
    public Instant leaseUntil;

    @Column(name = "created_at")
    public Instant createdAt;

    @Column(name = "started_at")
    public Instant startedAt;

    @Column(name = "finished_at")
    public Instant finishedAt;

    public Kind kindOf() {
        return Kind.ofWord(kind).orElseThrow();
    }

    public Phase from() {
        return Phase.valueOf(fromPhase);
    }

    public Phase to() {
        return Phase.valueOf(target);
    }

    public RunState stateOf() {
        return RunState.ofWord(state);
    }

    boolean forward() {
        return to().ordinal() > from().ordinal();
    }
}
