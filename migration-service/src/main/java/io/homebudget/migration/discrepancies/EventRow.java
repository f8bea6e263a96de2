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

/** An event that is still to be published; the row goes when Kafka has it. */
@Entity(name = "DiscrepancyEvent")
@Table(name = "discrepancy_events")
public class EventRow extends PanacheEntityBase {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    public Long id;

    @Column(name = "event_id")
    public UUID eventId;

    @Column(name = "discrepancy_id")
    public long discrepancyId;

    public String type;

    /** The event's data as JSON. */
    public String data;

    public Instant at;
}
