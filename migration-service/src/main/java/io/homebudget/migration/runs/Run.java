package io.homebudget.migration.runs;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
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
    public UUID batchId;

    public String kind;

    public String fromPhase;

    public String target;
    public String state;

    public boolean cancelRequested;

    public boolean dryRun;

    public boolean acceptLoss;

    public String actor;
    public String reason;
    public String error;

    public String waitingFor;

    public long done;
    public long total;

    public double ratePerSecond;

    public long rejected;

    /** The epoch in which the run was decided. */
    public long fromEpoch;

    /** The epoch of the phase that this run brought about; null before. */
    public Long changedEpoch;

    public String archive;

    /** JSON; only of a dry run. */
    public String forecast;

    public UUID owner;

    public Instant leaseUntil;

    public Instant createdAt;

    public Instant startedAt;

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
