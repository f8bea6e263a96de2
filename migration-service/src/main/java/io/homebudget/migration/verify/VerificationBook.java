package io.homebudget.migration.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.schema.Database;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Page;
import io.quarkus.panache.common.Parameters;
import io.quarkus.panache.common.Sort;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/** Verifications and what they found, in PostgreSQL. Fails with DatabaseAway when that is away. */
@ApplicationScoped
public class VerificationBook implements PanacheRepositoryBase<VerificationRow, UUID> {
    private final Database database;
    private final ObjectMapper json;

    VerificationBook(Database database, ObjectMapper json) {
        this.database = database;
        this.json = json;
    }

    /** What is known of a kind's comparison: its last finished verification and its open differences by type. */
    public record Standing(
            Optional<VerificationRow> last, Optional<VerificationRow> lastClean, Map<String, Long> open) {
        public long openCount() {
            return open.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    Uni<Void> begin(VerificationRow row) {
        return database.transact(() -> persist(row)).replaceWithVoid();
    }

    /** Records the end, the differences found, and closes those that were not found again; all or nothing. */
    Uni<Void> end(VerificationRow row, VerificationResult result) {
        return database.transact(() -> getSession()
                .chain(session -> session.merge(row))
                .chain(() -> result == null ? Uni.createFrom().voidItem() : replaceOpen(row, result)));
    }

    private Uni<Void> replaceOpen(VerificationRow verification, VerificationResult result) {
        Instant now = verification.finishedAt;
        return DiscrepancyRow.<DiscrepancyRow>list("kind = ?1 and state = 'open'", verification.kind)
                .chain(open -> {
                    Set<String> found = result.findings().stream()
                            .map(VerificationBook::key)
                            .collect(Collectors.toCollection(HashSet::new));
                    for (DiscrepancyRow known : open) {
                        if (!found.remove(known.key())) {
                            known.state = "repaired";
                            known.resolvedAt = now;
                            known.resolution = "not found any more by verification " + verification.id;
                        }
                    }
                    List<DiscrepancyRow> fresh = new ArrayList<>();
                    for (Finding finding : result.findings()) {
                        if (found.remove(key(finding))) {
                            fresh.add(rowOf(finding, verification));
                        }
                    }
                    return fresh.isEmpty() ? Uni.createFrom().voidItem() : DiscrepancyRow.persist(fresh);
                });
    }

    private static String key(Finding finding) {
        return finding.entryId() + " " + finding.type().word() + " "
                + finding.damaged().word();
    }

    private DiscrepancyRow rowOf(Finding finding, VerificationRow verification) {
        DiscrepancyRow row = new DiscrepancyRow();
        row.kind = verification.kind;
        row.entryId = finding.entryId();
        row.type = finding.type().word();
        row.damaged = finding.damaged().word();
        row.jsonSide = text(finding.side(StoreName.JSON));
        row.postgresSide = text(finding.side(StoreName.POSTGRES));
        row.cause = finding.cause();
        row.state = "open";
        row.verificationId = verification.id;
        row.foundAt = verification.finishedAt;
        return row;
    }

    private String text(EntryState side) {
        try {
            return side == null ? null : json.writeValueAsString(side);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of plain values must be writable", e);
        }
    }

    Uni<Optional<VerificationRow>> find(UUID id) {
        return database.transact(() -> findById(id).map(Optional::ofNullable));
    }

    Uni<Void> heartbeat(UUID id, long done, long total, Instant now) {
        return database.transact(
                        () -> update("heartbeatAt = ?1, done = ?2, total = ?3 where id = ?4", now, done, total, id))
                .replaceWithVoid();
    }

    /** Ends verifications whose service died in the middle. */
    Uni<Integer> sweep(Instant silentSince, Instant now) {
        return database.transact(() -> update(
                "state = 'failed', error = 'migration-service stopped in the middle of it', finishedAt = ?1"
                        + " where state = 'running' and heartbeatAt < ?2",
                now,
                silentSince));
    }

    public Uni<Standing> standing(Kind kind) {
        return database.transact(() -> lastOf("kind = ?1 and state = 'succeeded'", kind)
                .chain(last -> lastOf("kind = ?1 and state = 'succeeded' and differences = 0", kind)
                        .chain(clean -> DiscrepancyRow.<DiscrepancyRow>list("kind = ?1 and state = 'open'", kind.word())
                                .map(open -> new Standing(
                                        last,
                                        clean,
                                        open.stream()
                                                .collect(Collectors.groupingBy(
                                                        row -> row.type, TreeMap::new, Collectors.counting())))))));
    }

    private Uni<Optional<VerificationRow>> lastOf(String which, Kind kind) {
        return find(which, Sort.descending("finishedAt"), kind.word())
                .page(Page.ofSize(1))
                .list()
                .map(rows -> rows.stream().findFirst());
    }

    /** Filtered, newest first; null filters nothing. */
    Uni<List<DiscrepancyRow>> discrepancies(String kind, String state, String type, long before, int limit) {
        List<String> wheres = new ArrayList<>(List.of("id < :before"));
        Parameters parameters = Parameters.with("before", before);
        Map<String, String> filters = new TreeMap<>();
        filters.put("kind", kind);
        filters.put("state", state);
        filters.put("type", type);
        filters.forEach((column, value) -> {
            if (value != null) {
                wheres.add(column + " = :" + column);
                parameters.and(column, value);
            }
        });
        return database.transact(
                () -> DiscrepancyRow.find(String.join(" and ", wheres), Sort.descending("id"), parameters)
                        .page(Page.ofSize(limit))
                        .list());
    }
}
