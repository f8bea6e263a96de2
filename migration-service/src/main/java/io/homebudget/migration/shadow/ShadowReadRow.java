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

    /** Numbered since the start of the ledger service; with {@link #at} it is the mismatch's name. */
    public long number;

    public String phase;

    @Column(name = "primary_side")
    public String primary;

    public long position;
    public String request;

    /** Comma-separated; empty where the request named none. */
    @Column(name = "entry_ids")
    public String entryIds;

    /** What the client saw; {@link #shadow} is what the follower would have answered. Both cut short. */
    public String served;

    public String shadow;
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
