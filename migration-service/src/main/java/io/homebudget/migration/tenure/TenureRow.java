package io.homebudget.migration.tenure;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** Since when a kind's epoch rules. */
@Entity(name = "Tenure")
@Table(name = "tenures")
public class TenureRow extends PanacheEntityBase {
    @Id
    public String kind;

    /** Of the ledger that told it; null where it told none. */
    public UUID identity;

    public long epoch;

    public Instant since;
}
