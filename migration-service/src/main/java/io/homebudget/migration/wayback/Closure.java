package io.homebudget.migration.wayback;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** That the way back of a kind was closed, as PostgreSQL keeps it. A row is never deleted. */
@Entity
@Table(name = "closed_ways")
public class Closure extends PanacheEntityBase {
    @Id
    public UUID id;

    public String kind;
    public long epoch;
    public String archive;
    public String actor;
    public String reason;

    public Instant closedAt;

    /** When the ledger was seen in a phase with JSON all the same; null while the closure holds. */
    public Instant overriddenAt;

    String sentence() {
        return "The way back was closed on " + closedAt + " by " + actor + (reason.isEmpty() ? "" : " (" + reason + ")")
                + "; the JSON files were archived in " + archive + " and deleted.";
    }
}
