package io.homebudget.migration.upgrade;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** An upgrade of the schemas, or one step back, as PostgreSQL keeps it. */
@Entity
@Table(name = "upgrades")
public class UpgradeRow extends PanacheEntityBase {
    @Id
    public UUID id;

    /** {@code running}, {@code succeeded} or {@code failed}. */
    public String state;

    /** JSON: a list of {@link UpgradeStep}. */
    public String steps;

    public int percent;
    public String error;

    /** The snapshot that was made first; null where none was. */
    public String snapshot;

    public String actor;
    public String reason;

    public Instant startedAt;

    public Instant heartbeatAt;

    public Instant finishedAt;
}
