package io.homebudget.migration.discrepancies;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.schema.Database;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Page;
import io.quarkus.panache.common.Parameters;
import io.quarkus.panache.common.Sort;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Discrepancies in PostgreSQL. What is told about a change of one is written in the same transaction as the change. Fails with
 * DatabaseAway when PostgreSQL is away.
 */
@ApplicationScoped
public class DiscrepancyBook implements PanacheRepositoryBase<DiscrepancyRow, Long> {
    private static final String OF_ENTRIES = "kind = ?1 and entryId in ?2 and state in ('open', 'dismissed')";

    /** Rows that were closed while a look was under way tell that the look may be older than the repair. */
    private static final String TOUCHED_BY = "kind = ?1 and entryId in ?2"
            + " and (state in ('open', 'dismissed') or state = 'repaired' and resolvedAt >= ?3)";

    private static final Sort IN_ORDER = Sort.ascending("id");

    private final Database database;
    private final ObjectMapper json;

    DiscrepancyBook(Database database, ObjectMapper json) {
        this.database = database;
        this.json = json;
    }

    /** Rows that changed in one transaction, for those who are told of them afterwards. */
    record Changed(
            List<DiscrepancyRow> opened, List<DiscrepancyRow> closed, int known, int dismissed, Set<Long> overtaken) {}

    /** What is known of these entries and still matters: open rows, and dismissed ones. */
    Uni<List<DiscrepancyRow>> concerning(Kind kind, Collection<Long> entryIds) {
        return database.transact(() -> list(OF_ENTRIES, kind.word(), entryIds));
    }

    /** Entries of a kind that have open rows. */
    Uni<Set<Long>> openEntries(Kind kind) {
        return database.transact(() -> getSession()
                .chain(session -> session.createQuery(
                                "select entryId from Discrepancy where kind = ?1 and state = 'open'", Long.class)
                        .setParameter(1, kind.word())
                        .getResultList())
                .map(Set::copyOf));
    }

    /** Records a look whole or not at all. At most a few hundred findings at once. */
    Uni<Changed> settle(Kind kind, Look look, List<Evidence> evidence, String troubles) {
        Set<Long> ids = new HashSet<>(look.equal());
        look.findings().forEach(finding -> ids.add(finding.entryId()));
        return database.transact(
                () -> locked(TOUCHED_BY, kind.word(), ids, look.began()).chain(rows -> {
                    List<DiscrepancyRow> fresh = new ArrayList<>();
                    Set<Long> overtaken = new HashSet<>();
                    int known = 0;
                    int dismissed = 0;
                    for (Finding finding : look.findings()) {
                        Optional<DiscrepancyRow> open = Settlement.open(rows, finding);
                        Optional<Evidence> seen = evidence.stream()
                                .filter(one -> one.finding() == finding)
                                .findFirst();
                        if (open.isPresent()) {
                            seenAgain(open.get(), look, seen, troubles);
                            known++;
                        } else if (Settlement.dismissed(rows, finding)) {
                            dismissed++;
                        } else if (Settlement.overtaken(rows, finding, look.began())) {
                            overtaken.add(finding.entryId());
                        } else {
                            fresh.add(opened(
                                    kind, finding, look, seen.orElseGet(() -> Evidence.bare(finding)), troubles));
                        }
                    }
                    List<DiscrepancyRow> closed =
                            Settlement.disproved(rows, look.findings(), look.equal(), look.place(), look.began());
                    closed.forEach(row -> repaired(row, look.ended(), "no difference any more when looked at again"));
                    int knownBefore = known;
                    int dismissedBefore = dismissed;
                    // an empty list is refused by persist
                    return (fresh.isEmpty() ? Uni.createFrom().voidItem() : persist(fresh))
                            .chain(() -> announce(DiscrepancyEvent.OPENED, fresh, look.ended()))
                            .chain(() -> announce(DiscrepancyEvent.REPAIRED, closed, look.ended()))
                            .replaceWith(() -> new Changed(fresh, closed, knownBefore, dismissedBefore, overtaken));
                }));
    }

    /** Nobody else changes these rows until the transaction ends; always in the same order, so that nobody waits in a circle. */
    private Uni<List<DiscrepancyRow>> locked(String which, Object... parameters) {
        return find(which, IN_ORDER, parameters)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .list();
    }

    private void seenAgain(DiscrepancyRow row, Look look, Optional<Evidence> evidence, String troubles) {
        row.seenAt = row.seenAt == null || row.seenAt.isBefore(look.ended()) ? look.ended() : row.seenAt;
        row.verificationId = look.verification() == null ? row.verificationId : look.verification();
        evidence.ifPresent(newest -> describe(row, newest, troubles));
    }

    private DiscrepancyRow opened(Kind kind, Finding finding, Look look, Evidence evidence, String troubles) {
        DiscrepancyRow row = new DiscrepancyRow();
        row.kind = kind.word();
        row.entryId = finding.entryId();
        row.damaged = finding.damaged().word();
        row.place = finding.place().word();
        row.foundBy = look.origin().word();
        row.state = DiscrepancyRow.OPEN;
        row.verificationId = look.verification();
        row.foundAt = look.ended();
        row.seenAt = look.ended();
        describe(row, evidence, troubles);
        return row;
    }

    private void describe(DiscrepancyRow row, Evidence evidence, String troubles) {
        Finding finding = evidence.finding();
        row.type = finding.type().word();
        row.fields = evidence.fields().isEmpty() ? null : String.join(",", evidence.fields());
        row.jsonSide = side(evidence, StoreName.JSON);
        row.postgresSide = side(evidence, StoreName.POSTGRES);
        row.cause = evidence.cause(troubles);
        row.causeCode = finding.cause().word();
        row.seenVersion = Settlement.version(finding);
        row.seenActual = Settlement.actual(finding);
        evidence.change().ifPresent(change -> {
            row.changeId = change.id();
            row.changeVersion = change.version();
            row.changePosition = change.position();
            row.changedAt = change.at();
        });
    }

    /** The values where they could be read, else what was compared. */
    private String side(Evidence evidence, StoreName store) {
        Optional<EntryImage> image = evidence.side(store);
        Object side = image.isPresent() ? image.get() : evidence.finding().side(store);
        try {
            return side == null ? null : json.writeValueAsString(side);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of plain values must be writable", e);
        }
    }

    private static void repaired(DiscrepancyRow row, Instant at, String how) {
        row.state = DiscrepancyRow.REPAIRED;
        row.resolvedAt = at;
        row.resolution = row.lastRepair == null ? how : how + "; last repair: " + row.lastRepair;
    }

    private static Uni<Void> announce(String type, List<DiscrepancyRow> rows, Instant at) {
        List<EventRow> events = new ArrayList<>(rows.size());
        rows.forEach(row -> events.add(DiscrepancyEvent.of(type, row, at)));
        return events.isEmpty() ? Uni.createFrom().voidItem() : EventRow.persist(events);
    }

    /**
     * Closes open rows that a whole verification did not find again. Missing and stale rows are left to a look at the entries
     * themselves: where one store is in use, digests of rows do not tell of a row that is not there.
     *
     * @param seenBefore when the verification began: what was seen later may be newer than its readings
     * @param most rows of one transaction
     */
    Uni<List<DiscrepancyRow>> closeUnseen(Kind kind, UUID verification, Instant seenBefore, Instant now, int most) {
        return database.transact(() -> find(
                        "kind = ?1 and state = 'open' and (place = 'disk' or type in ('extra', 'field')) and (seenAt is null or seenAt <= ?2)"
                                + " and (verificationId is null or verificationId <> ?3)",
                        IN_ORDER,
                        kind.word(),
                        seenBefore,
                        verification)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .page(Page.ofSize(most))
                .list()
                .chain(rows -> {
                    rows.forEach(row -> repaired(row, now, "not found any more by verification " + verification));
                    return announce(DiscrepancyEvent.REPAIRED, rows, now).replaceWith(rows);
                }));
    }

    public Uni<Optional<DiscrepancyRow>> find(long id) {
        return database.transact(() -> findById(id).map(Optional::ofNullable));
    }

    /** Somebody asks for a repair; written down before anything is changed. */
    public Uni<Void> repairTried(long id, String actor, String reason, String result) {
        return database.transact(
                        () -> findById(id, LockModeType.PESSIMISTIC_WRITE).invoke(row -> {
                            if (row != null && row.open()) {
                                row.repairsTried++;
                                row.lastRepair = result;
                                row.actor = actor;
                                row.reason = reason;
                            }
                        }))
                .replaceWithVoid();
    }

    /** What the ledger service said of it. Whether it helped is not told here: a comparison afterwards decides. */
    public Uni<Void> repairAnswered(long id, String result) {
        return database.transact(() -> update("lastRepair = ?1 where id = ?2", result, id))
                .replaceWithVoid();
    }

    /** Those of the rows that are open still, as they are now. */
    public Uni<List<DiscrepancyRow>> stillOpen(List<DiscrepancyRow> rows) {
        List<Long> ids = rows.stream().map(row -> row.id).collect(Collectors.toList());
        return database.transact(() -> list("state = 'open' and id in ?1", ids));
    }

    /** The item is empty where there is none, and the row as it is where it was not open any more. */
    Uni<Optional<DiscrepancyRow>> dismiss(long id, String actor, String reason, Instant now) {
        return database.transact(
                () -> findById(id, LockModeType.PESSIMISTIC_WRITE).chain(row -> {
                    if (row == null || !row.open()) {
                        return Uni.createFrom().item(Optional.ofNullable(row));
                    }
                    row.state = DiscrepancyRow.DISMISSED;
                    row.resolvedAt = now;
                    row.resolution = "dismissed";
                    row.actor = actor;
                    row.reason = reason;
                    return announce(DiscrepancyEvent.DISMISSED, List.of(row), now)
                            .replaceWith(Optional.of(row));
                }));
    }

    /** Open rows after an id, ascending. */
    public Uni<List<DiscrepancyRow>> open(Kind kind, long afterId, int most) {
        return database.transact(() -> find("kind = ?1 and state = 'open' and id > ?2", IN_ORDER, kind.word(), afterId)
                .page(Page.ofSize(most))
                .list());
    }

    public Uni<Long> openCount(Kind kind) {
        return database.transact(() -> count("kind = ?1 and state = 'open'", kind.word()));
    }

    /** Open rows by type. To be called within a transaction, whose other questions are then answered of the same moment. */
    public Uni<Map<String, Long>> openByType(Kind kind) {
        return getSession()
                .chain(session -> session.createQuery(
                                "select type, count(*) from Discrepancy where kind = ?1 and state = 'open' group by type",
                                Object[].class)
                        .setParameter(1, kind.word())
                        .getResultList())
                .map(counts -> {
                    Map<String, Long> byType = new TreeMap<>();
                    counts.forEach(one -> byType.put((String) one[0], (Long) one[1]));
                    return byType;
                });
    }

    /** Filtered, newest first; null filters nothing. */
    Uni<List<DiscrepancyRow>> page(Filter filter, long before, int limit) {
        List<String> wheres = new ArrayList<>(List.of("id < :before"));
        Parameters parameters = Parameters.with("before", before);
        filter.columns().forEach((column, value) -> {
            wheres.add(column + " = :" + column);
            parameters.and(column, value);
        });
        return database.transact(() -> find(String.join(" and ", wheres), Sort.descending("id"), parameters)
                .page(Page.ofSize(limit))
                .list());
    }

    /** Events still to be published, oldest first. */
    Uni<List<EventRow>> unpublished(int most) {
        return database.transact(() -> EventRow.<EventRow>findAll(Sort.ascending("id"))
                .page(Page.ofSize(most))
                .list());
    }

    Uni<Void> published(List<EventRow> events) {
        List<Long> ids = new ArrayList<>();
        events.forEach(event -> ids.add(event.id));
        return database.transact(() -> EventRow.delete("id in ?1", ids)).replaceWithVoid();
    }
}
