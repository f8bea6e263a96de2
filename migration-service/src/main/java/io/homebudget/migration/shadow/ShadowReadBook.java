package io.homebudget.migration.shadow;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.ShadowMismatch;
import io.homebudget.migration.schema.Database;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Page;
import io.quarkus.panache.common.Parameters;
import io.quarkus.panache.common.Sort;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.hibernate.reactive.mutiny.Mutiny;

/** Mismatches of shadow reads in PostgreSQL; taking the same one in again changes nothing. */
@ApplicationScoped
class ShadowReadBook implements PanacheRepositoryBase<ShadowReadRow, Long> {
    private static final String INSERT =
            "insert into migration.shadow_reads (kind, number, at, phase, primary_side, position, request, entry_ids,"
                    + " served, shadow, verdict) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'pending')"
                    + " on conflict (kind, number, at) do nothing";

    /** The newest of each kind stay: enough to see a pattern, and the table stays small. */
    private static final int KEPT = 10_000;

    private final Database database;

    ShadowReadBook(Database database) {
        this.database = database;
    }

    Uni<Void> take(Kind kind, List<ShadowMismatch> mismatches) {
        if (mismatches.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return database.transact(() -> getSession().chain(session -> Multi.createFrom()
                .iterable(mismatches)
                .onItem()
                .transformToUniAndConcatenate(one -> take(session, kind, one))
                .collect()
                .last()
                .replaceWithVoid()));
    }

    private static Uni<Integer> take(Mutiny.Session session, Kind kind, ShadowMismatch one) {
        String ids = one.entryIds().stream().map(String::valueOf).collect(Collectors.joining(","));
        return session.createNativeQuery(INSERT)
                .setParameter(1, kind.word())
                .setParameter(2, one.number())
                .setParameter(3, one.at())
                .setParameter(4, one.phase() == null ? null : one.phase().name())
                .setParameter(5, one.primary())
                .setParameter(6, one.position())
                .setParameter(7, one.request())
                .setParameter(8, ids)
                .setParameter(9, one.served())
                .setParameter(10, one.shadow())
                .executeUpdate();
    }

    Uni<List<ShadowReadRow>> pending(Kind kind, int most) {
        return database.transact(() -> find("kind = ?1 and verdict = 'pending'", Sort.ascending("id"), kind.word())
                .page(Page.ofSize(most))
                .list());
    }

    Uni<Void> judged(Collection<Long> ids, String verdict, Instant now) {
        return ids.isEmpty()
                ? Uni.createFrom().voidItem()
                : database.transact(() -> update("verdict = ?1, judgedAt = ?2 where id in ?3", verdict, now, ids))
                        .replaceWithVoid();
    }

    Uni<Void> forgetOld(Kind kind) {
        return database.transact(() -> find("kind", Sort.descending("id"), kind.word())
                        .page(KEPT, 1)
                        .list()
                        .chain(last -> last.isEmpty()
                                ? Uni.createFrom().item(0L)
                                : delete("kind = ?1 and id <= ?2", kind.word(), last.get(0).id)))
                .replaceWithVoid();
    }

    /** Newest first; a null kind means both. */
    Uni<List<ShadowReadRow>> page(Kind kind, long before, int limit) {
        Parameters parameters = Parameters.with("before", before);
        String where = "id < :before";
        if (kind != null) {
            where += " and kind = :kind";
            parameters.and("kind", kind.word());
        }
        String filter = where;
        return database.transact(() -> find(filter, Sort.descending("id"), parameters)
                .page(Page.ofSize(limit))
                .list());
    }
}
