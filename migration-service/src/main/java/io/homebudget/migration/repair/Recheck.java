package io.homebudget.migration.repair;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.discrepancies.DiscrepancyBook;
import io.homebudget.migration.discrepancies.DiscrepancyRow;
import io.homebudget.migration.discrepancies.Finding.Place;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Looks again at what is open, a page at a time: what a client's write or a store by itself has mended closes, and where
 * automatic repair is on, the rest is repaired, a limited number of times each.
 */
@ApplicationScoped
class Recheck {
    private static final Logger LOG = Logger.getLogger(Recheck.class);
    private static final int PAGE = 200;

    /** A look at the disk reads the files; as many looks go by between two of them. */
    private static final int DISK_EVERY = 12;

    private static final int DISK_ENTRIES = 4;
    private static final String AUTOMATIC = "automatic";

    private final DiscrepancyBook book;
    private final Repairer repairer;
    private final MigrationConfig.Repair config;
    private final Vertx vertx;
    private final AtomicBoolean looking = new AtomicBoolean();
    private final Map<Kind, Long> cursors = new EnumMap<>(Kind.class);
    private long looks;
    private long timer = -1;

    Recheck(DiscrepancyBook book, Repairer repairer, MigrationConfig config, Vertx vertx) {
        this.book = book;
        this.repairer = repairer;
        this.config = config.repair();
        this.vertx = vertx;
    }

    void start(@Observes StartupEvent started) {
        timer = vertx.setPeriodic(config.recheck().toMillis(), tick -> look());
    }

    void stop(@Observes ShutdownEvent stopping) {
        vertx.cancelTimer(timer);
    }

    private void look() {
        if (!looking.compareAndSet(false, true)) {
            return;
        }
        looks++;
        look(Kind.EXPENSE)
                .onFailure()
                .invoke(pending -> LOG.debugf("open discrepancies cannot be looked at: %s", pending.getMessage()))
                .onFailure()
                .recoverWithNull()
                .chain(() -> look(Kind.INCOME))
                .onTermination()
                .invoke(() -> looking.set(false))
                .subscribe()
                .with(
                        done -> {},
                        pending -> LOG.debugf("open discrepancies cannot be looked at: %s", pending.getMessage()));
    }

    private Uni<Void> look(Kind kind) {
        long after = cursors.getOrDefault(kind, 0L);
        return book.open(kind, after, PAGE).chain(rows -> {
            cursors.put(kind, rows.size() < PAGE ? 0L : rows.get(PAGE - 1).id);
            List<DiscrepancyRow> due = due(rows);
            return due.isEmpty() ? Uni.createFrom().voidItem() : repairOrLook(kind, due);
        });
    }

    private List<DiscrepancyRow> due(List<DiscrepancyRow> rows) {
        Stream<DiscrepancyRow> served = rows.stream().filter(row -> !onDisk(row));
        Stream<DiscrepancyRow> disk =
                looks % DISK_EVERY == 0 ? rows.stream().filter(Recheck::onDisk).limit(DISK_ENTRIES) : Stream.empty();
        return Stream.concat(served, disk).collect(Collectors.toList());
    }

    private static boolean onDisk(DiscrepancyRow row) {
        return Place.DISK.word().equals(row.place);
    }

    private Uni<Void> repairOrLook(Kind kind, List<DiscrepancyRow> due) {
        List<DiscrepancyRow> mendable = config.automatic()
                ? due.stream()
                        .filter(row -> row.repairsTried < config.attempts())
                        .collect(Collectors.toList())
                : List.of();
        return mendable.isEmpty()
                ? repairer.lookAgain(kind, due)
                // a write may have mended it since: what is equal now is not repaired
                : repairer.lookAgain(kind, due)
                        .chain(() -> book.stillOpen(mendable))
                        .chain(open -> open.isEmpty()
                                ? Uni.createFrom().voidItem()
                                : repairer.repair(kind, open, AUTOMATIC, "AUTO_REPAIR is on")
                                        .replaceWithVoid());
    }
}
