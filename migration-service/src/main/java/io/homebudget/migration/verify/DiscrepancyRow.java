package io.homebudget.migration.verify;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** A difference that a verification found, open until a later one does not find it any more. */
@Entity(name = "Discrepancy")
@Table(name = "discrepancies")
public class DiscrepancyRow extends PanacheEntityBase {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    public Long id;

    public String kind;

    @Column(name = "entry_id")
    public long entryId;

    public String type;
    public String damaged;

    /** Comma-separated names; null while only digests were compared. */
    public String fields;

    /** JSON of what the side holds; null where it holds nothing. */
    @Column(name = "json_side")
    public String jsonSide;

    @Column(name = "postgres_side")
    public String postgresSide;

    public String cause;
    public String state;

    @Column(name = "verification_id")
    public UUID verificationId;

    @Column(name = "found_at")
    public Instant foundAt;

    @Column(name = "resolved_at")
    public Instant resolvedAt;

    public String resolution;

    String key() {
        return entryId + " " + type + " " + damaged;
    }
}
