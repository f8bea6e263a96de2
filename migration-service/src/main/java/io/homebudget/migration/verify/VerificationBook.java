package io.homebudget.migration.verify;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.migration.discrepancies.DiscrepancyBook;
import io.homebudget.migration.schema.Database;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Page;
import io.quarkus.panache.common.Sort;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Verifications and what is proven, in PostgreSQL. Fails with DatabaseAway when that is away. */
@ApplicationScoped
public class VerificationBook implements PanacheRepositoryBase<VerificationRow, UUID> {
    private static final String RAISE = "insert into migration.proofs (kind, through, at) values (?1, ?2, ?3)"
            + " on conflict (kind) do update set through = greatest(proofs.through, excluded.through),"
            + " at = greatest(proofs.at, excluded.at)";

    private static final String SUCCEEDED = "kind = ?1 and state = 'succeeded'";

    private final Database database;
    private final DiscrepancyBook discrepancies;

    VerificationBook(Database database, DiscrepancyBook discrepancies) {
        this.database = database;
        this.discrepancies = discrepancies;
    }

    /**
     * What is known of a kind's comparison: its last finished verification and its open differences by type.
     *
     * @param proof up to where both stores are proven equal, by a verification or by comparing every change since
     */
    public record Standing(
            Optional<VerificationRow> last,
            Optional<VerificationRow> lastClean,
            Map<String, Long> open,
            Optional<ProofRow> proof) {

        public Standing(Optional<VerificationRow> last, Optional<VerificationRow> lastClean, Map<String, Long> open) {
            this(last, lastClean, open, Optional.empty());
        }

        public long openCount() {
            return open.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    Uni<Void> begin(VerificationRow row) {
        return database.transact(() -> persist(row)).replaceWithVoid();
    }

    /** Records the end, and what it proves where it found nothing; what it found must be recorded already. */
    Uni<Void> end(VerificationRow row) {
        return database.transact(() -> getSession()
                .chain(session -> session.merge(row))
                .chain(() -> row.clean() && row.verifiedThrough != null
                        ? raise(row.kind, row.verifiedThrough, row.startedAt)
                        : Uni.createFrom().voidItem()));
    }

    /**
     * Notes that both stores were equal up to a position. Never lowers what is noted.
     *
     * @param at a moment at which no acknowledged change was beyond {@code through}
     */
    public Uni<Void> proven(Kind kind, long through, Instant at) {
        return database.transact(() -> raise(kind.word(), through, at));
    }

    private Uni<Void> raise(String kind, long through, Instant at) {
        return getSession()
                .chain(session -> session.createNativeQuery(RAISE)
                        .setParameter(1, kind)
                        .setParameter(2, through)
                        .setParameter(3, at)
                        .executeUpdate())
                .replaceWithVoid();
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

    /** Of one moment. One transaction: with every look of every console this is what PostgreSQL is asked most. */
    public Uni<Standing> standing(Kind kind) {
        return database.transact(() -> discrepancies.openByType(kind).chain(open -> lastOf(SUCCEEDED, kind)
                .chain(last -> lastClean(kind, last).chain(clean -> ProofRow.<ProofRow>findById(kind.word())
                        .map(proof -> new Standing(last, clean, open, Optional.ofNullable(proof)))))));
    }

    private Uni<Optional<VerificationRow>> lastClean(Kind kind, Optional<VerificationRow> last) {
        return last.filter(VerificationRow::clean).isPresent()
                ? Uni.createFrom().item(last)
                : lastOf(SUCCEEDED + " and differences = 0", kind);
    }

    private Uni<Optional<VerificationRow>> lastOf(String which, Kind kind) {
        return find(which, Sort.descending("finishedAt"), kind.word())
                .page(Page.ofSize(1))
                .list()
                .map(rows -> rows.stream().findFirst());
    }
}
