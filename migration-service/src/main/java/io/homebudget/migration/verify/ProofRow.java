package io.homebudget.migration.verify;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/** Up to where a kind's stores are proven equal, whoever proved it. */
@Entity(name = "Proof")
@Table(name = "proofs")
public class ProofRow extends PanacheEntityBase {
    @Id
    public String kind;

    /** The newest position up to which both stores were equal. */
    public long through;

    /** When everything up to there was all there was. */
    public Instant at;
}
