package io.homebudget.migration.repair;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** An order to repair everything that is open of a kind. */
@Entity(name = "RepairOrder")
@Table(name = "repairs")
public class RepairRow extends PanacheEntityBase {
    @Id
    public UUID id;

    public String kind;
    public String state;
    public String actor;
    public String reason;
    public long total;
    public long done;

    /** How many of them were written over; the others were mended already, moved on or could not be. */
    public long repaired;

    public String error;

    @Column(name = "started_at")
    public Instant startedAt;

    @Column(name = "finished_at")
    public Instant finishedAt;

    @Column(name = "heartbeat_at")
    public Instant heartbeatAt;
}
