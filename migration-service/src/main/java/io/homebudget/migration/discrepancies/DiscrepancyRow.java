package io.homebudget.migration.discrepancies;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** A difference as PostgreSQL keeps it: {@code open}, then {@code repaired} or {@code dismissed}, which are final. */
@Entity(name = "Discrepancy")
@Table(name = "discrepancies")
public class DiscrepancyRow extends PanacheEntityBase {
    public static final String OPEN = "open";
    public static final String REPAIRED = "repaired";
    public static final String DISMISSED = "dismissed";

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    public Long id;

    public String kind;

    @Column(name = "entry_id")
    public long entryId;

    public String type;
    public String damaged;
    public String place;

    /** Comma-separated names of the fields that differ; null where they are not known. */
    public String fields;

    /** JSON of what the side holds; null where it holds nothing. */
    @Column(name = "json_side")
    public String jsonSide;

    @Column(name = "postgres_side")
    public String postgresSide;

    @Column(name = "found_by")
    public String foundBy;

    public String cause;

    @Column(name = "cause_code")
    public String causeCode;

    @Column(name = "change_id")
    public UUID changeId;

    @Column(name = "change_version")
    public Long changeVersion;

    @Column(name = "change_position")
    public Long changePosition;

    @Column(name = "changed_at")
    public Instant changedAt;

    @Column(name = "seen_version")
    public long seenVersion;

    @Column(name = "seen_actual")
    public UUID seenActual;

    /** When it was last found; {@link #foundAt} is the first time. */
    @Column(name = "seen_at")
    public Instant seenAt;

    public String state;

    @Column(name = "verification_id")
    public UUID verificationId;

    @Column(name = "found_at")
    public Instant foundAt;

    @Column(name = "resolved_at")
    public Instant resolvedAt;

    public String resolution;

    /** Who repaired or dismissed it, and why; null where nobody did. */
    public String actor;

    public String reason;

    @Column(name = "repairs_tried")
    public int repairsTried;

    @Column(name = "last_repair")
    public String lastRepair;

    public boolean open() {
        return OPEN.equals(state);
    }
}
