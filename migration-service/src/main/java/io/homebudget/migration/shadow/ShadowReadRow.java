package io.homebudget.migration.shadow;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/** A read that both stores answered differently, and what a comparison said of it afterwards. */
@Entity(name = "ShadowRead")
@Table(name = "shadow_reads")
public class ShadowReadRow extends PanacheEntityBase {
    public static final String PENDING = "pending";
    public static final String EQUAL = "equal";
    public static final String DIFFERS = "differs";

    /** It named no entry that could be compared. */
    public static final String UNKNOWN = "unknown";

    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    public Long id;

    public String kind;

    @Column(name = "read_id")
    public UUID readId;

    public String request;
    public String what;

    /** Comma-separated; empty where the request named none. */
    @Column(name = "entry_ids")
    public String entryIds;

    public Instant at;
    public String verdict;

    @Column(name = "judged_at")
    public Instant judgedAt;

    List<Long> entries() {
        return entryIds.isEmpty()
                ? List.of()
                : Arrays.stream(entryIds.split(",")).map(Long::valueOf).collect(Collectors.toList());
    }
}
