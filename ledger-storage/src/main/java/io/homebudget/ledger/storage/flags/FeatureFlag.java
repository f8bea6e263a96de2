package io.homebudget.ledger.storage.flags;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.OffsetDateTime;
import java.util.List;

/** A row of {@code feature_flags}: a flag for everybody (no user), or for one user; at most one row each. */
@Entity
@Table(name = "feature_flags")
public class FeatureFlag extends PanacheEntityBase {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    public Long id;

    @Column(nullable = false, length = 100)
    public String name;

    @Column(nullable = false)
    public boolean enabled;

    @Column(name = "user_id")
    public String userId;

    public String description;

    @Column(name = "created_at", nullable = false)
    public OffsetDateTime createdAt;

    @Column(name = "updated_at", nullable = false)
    public OffsetDateTime updatedAt;

    /** The global rows and, with a user, that user's rows. */
    static Uni<List<FeatureFlag>> applyingTo(String user) {
        return user == null
                ? list("userId is null order by name")
                : list("userId is null or userId = ?1 order by name", user);
    }

    /** The row that says something for exactly this user, or for everybody; the item is null where there is none. */
    static Uni<FeatureFlag> row(String name, String user) {
        return user == null
                ? find("upper(name) = ?1 and userId is null", name).firstResult()
                : find("upper(name) = ?1 and userId = ?2", name, user).firstResult();
    }
}
