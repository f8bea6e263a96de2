package io.homebudget.migration.reconcile;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.migration.schema.Database;
import io.quarkus.panache.common.Page;
import io.quarkus.panache.common.Sort;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import org.hibernate.reactive.mutiny.Mutiny;

/** Events that could not be read, in PostgreSQL. Putting one aside again changes nothing. */
@ApplicationScoped
class PutAsideBook {
    private static final String INSERT =
            "insert into migration.put_aside (topic, partition_no, offset_no, kind, reason, at)"
                    + " values (?1, ?2, ?3, ?4, ?5, ?6) on conflict do nothing";

    private final Database database;
    private final Clock clock;

    PutAsideBook(Database database, Clock clock) {
        this.database = database;
        this.clock = clock;
    }

    /** All of them or none. */
    Uni<Void> put(Kind kind, List<ChangeBatch.PutAside> events) {
        if (events.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return database.transact(() -> PutAsideRow.getSession().chain(session -> Multi.createFrom()
                .iterable(events)
                .onItem()
                .transformToUniAndConcatenate(event -> put(session, kind, event))
                .collect()
                .last()
                .replaceWithVoid()));
    }

    private Uni<Integer> put(Mutiny.Session session, Kind kind, ChangeBatch.PutAside event) {
        return session.createNativeQuery(INSERT)
                .setParameter(1, event.topic())
                .setParameter(2, event.partition())
                .setParameter(3, event.offset())
                .setParameter(4, kind.word())
                .setParameter(5, event.why())
                .setParameter(6, clock.instant())
                .executeUpdate();
    }

    Uni<Long> count(Kind kind) {
        return database.transact(() -> PutAsideRow.count("kind", kind.word()));
    }

    /** Newest first; a null kind means both. */
    Uni<List<PutAsideRow>> list(Kind kind, int most) {
        Sort newest = Sort.descending("at");
        return database.transact(() -> kind == null
                ? PutAsideRow.<PutAsideRow>findAll(newest)
                        .page(Page.ofSize(most))
                        .list()
                : PutAsideRow.<PutAsideRow>find("kind", newest, kind.word())
                        .page(Page.ofSize(most))
                        .list());
    }

    /** After a person has looked at them. */
    Uni<Long> forget(Kind kind) {
        return database.transact(() -> PutAsideRow.delete("kind", kind.word()));
    }
}
