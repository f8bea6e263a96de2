package io.homebudget.migration.imports;

import io.homebudget.ledger.entry.Kind;
import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** An import as PostgreSQL keeps it: the row is the checkpoint from which a killed one goes on (A30). */
@Entity
@Table(name = "imports")
public class ImportRow extends PanacheEntityBase {
    @Id
    public UUID id;

    public String kind;
    public String format;

    /** {@code queued}, {@code running}, {@code succeeded}, {@code failed} or {@code cancelled}. */
    public String state;

    public String idempotencyKey;

    /** Records that are decided: accepted or rejected. */
    public long done;

    /** Records of the body; null before it was read once. */
    public Long total;

    /** The largest id that a record asks for and may get; 0 where none does. */
    public long highestWanted;

    public long accepted;
    public long rejected;

    /** Accepted ones that did not get the id that they asked for. */
    public long renumbered;

    /** Lengths of the files of rejects and of new ids at the checkpoint; what lies behind is written again. */
    public long rejectsBytes;

    public long renumberedBytes;

    /** Columns of a CSV body, joined by line feeds; null for others. */
    public String columns;

    public boolean cancelRequested;

    public String error;

    public String waitingFor;

    public String actor;
    public String reason;
    public UUID owner;

    public Instant leaseUntil;

    public Instant createdAt;

    public Instant startedAt;

    /** Of the last checkpoint. */
    public Instant movedAt;

    public Instant finishedAt;

    Kind kindOf() {
        return Kind.ofWord(kind).orElseThrow();
    }

    boolean active() {
        return "queued".equals(state) || "running".equals(state);
    }
}
