package io.homebudget.migration.shadow;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.migration.discrepancies.Finding;
import io.homebudget.migration.discrepancies.Origin;
import io.homebudget.migration.ledgers.LedgerService;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.verify.EntryJudge;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Takes in the reads that the stores answered differently, and has their entries compared. Such a read is a candidate and never a
 * discrepancy by itself: its two answers may be of two moments, and only the comparison's rule tells (A19).
 */
@ApplicationScoped
class ShadowReads {
    private static final Logger LOG = Logger.getLogger(ShadowReads.class);

    /** The ledger services keep the newest; a person looks at them, nothing waits for them. */
    private static final long LOOK_MILLIS = 5_000;

    /** Of one look: a store that answers everything wrongly is found by fewer. */
    private static final int MOST = 200;

    private final Ledgers ledgers;
    private final ShadowReadBook book;
    private final EntryJudge judge;
    private final Clock clock;
    private final Vertx vertx;
    private final AtomicBoolean looking = new AtomicBoolean();
    private final Map<Kind, ShadowCursor> cursors = new ConcurrentHashMap<>();
    private long timer = -1;

    ShadowReads(Ledgers ledgers, ShadowReadBook book, EntryJudge judge, Clock clock, Vertx vertx) {
        this.ledgers = ledgers;
        this.book = book;
        this.judge = judge;
        this.clock = clock;
        this.vertx = vertx;
    }

    void start(@Observes StartupEvent started) {
        timer = vertx.setPeriodic(LOOK_MILLIS, tick -> tick());
    }

    void stop(@Observes ShutdownEvent stopping) {
        vertx.cancelTimer(timer);
    }

    private void tick() {
        if (!looking.compareAndSet(false, true)) {
            return;
        }
        quietly(Kind.EXPENSE)
                .chain(() -> quietly(Kind.INCOME))
                .onTermination()
                .invoke(() -> looking.set(false))
                .subscribe()
                .with(done -> {}, never -> LOG.error("looking at shadow reads failed unexpectedly", never));
    }

    private Uni<Void> quietly(Kind kind) {
        return look(kind)
                .onFailure()
                .invoke(later -> LOG.debugf("shadow reads of %s are looked at later: %s", kind, later.getMessage()))
                .onFailure()
                .recoverWithNull();
    }

    /** Takes in what is new and judges what is pending. */
    Uni<Void> look(Kind kind) {
        LedgerService ledger = ledgers.of(kind);
        return ledger.state().chain(state -> {
            boolean dual = state.phase() != null && state.phase().dual();
            return dual
                    ? takeNew(kind, ledger)
                            .chain(() -> book.pending(kind, MOST))
                            .chain(rows -> judge(kind, rows))
                            .chain(() -> book.forgetOld(kind))
                    : Uni.createFrom().voidItem();
        });
    }

    private Uni<Void> takeNew(Kind kind, LedgerService ledger) {
        ShadowCursor cursor = cursors.getOrDefault(kind, ShadowCursor.BEGINNING);
        return ledger.shadowReads(cursor.after()).chain(answer -> {
            if (!cursor.continuedBy(answer)) {
                cursors.put(kind, ShadowCursor.BEGINNING);
                return takeNew(kind, ledger);
            }
            return book.take(kind, answer).invoke(() -> cursors.put(kind, cursor.past(answer)));
        });
    }

    private Uni<Void> judge(Kind kind, List<ShadowReadRow> rows) {
        if (rows.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Map<Long, Long> entries = new LinkedHashMap<>();
        rows.forEach(row -> row.entries().forEach(id -> entries.put(id, 0L)));
        Uni<List<Finding>> found =
                entries.isEmpty() ? Uni.createFrom().item(List.of()) : judge.judge(kind, entries, Origin.SHADOW_READ);
        return found.chain(findings -> {
            Set<Long> damaged = findings.stream().map(Finding::entryId).collect(Collectors.toSet());
            List<Long> differ = new ArrayList<>();
            List<Long> equal = new ArrayList<>();
            List<Long> unknown = new ArrayList<>();
            for (ShadowReadRow row : rows) {
                List<Long> verdict = row.entries().isEmpty()
                        ? unknown
                        : row.entries().stream().anyMatch(damaged::contains) ? differ : equal;
                verdict.add(row.id);
            }
            return book.judged(differ, ShadowReadRow.DIFFERS, clock.instant())
                    .chain(() -> book.judged(unknown, ShadowReadRow.UNKNOWN, clock.instant()))
                    .chain(() -> book.judged(equal, ShadowReadRow.EQUAL, clock.instant()));
        });
    }
}
