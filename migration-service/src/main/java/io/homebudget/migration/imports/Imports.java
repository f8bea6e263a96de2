package io.homebudget.migration.imports;

import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.live.Live;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/**
 * Works at imports, one at a time, oldest first; the others wait in PostgreSQL. After kill -9 whoever finds the body on its
 * machine goes on from the checkpoint.
 */
@ApplicationScoped
class Imports {
    private static final Logger LOG = Logger.getLogger(Imports.class);
    private static final Duration SWEEP_EVERY = Duration.ofHours(1);

    private final ImportBook book;
    private final ImportFiles files;
    private final Ledgers ledgers;
    private final ImportConfig config;
    private final MigrationConfig migration;
    private final Clock clock;
    private final Live live;
    private final Vertx vertx;
    private final AtomicReference<Intake> current = new AtomicReference<>();
    private volatile UUID owner;
    private volatile boolean looking;
    private volatile Instant swept = Instant.EPOCH;
    private volatile Instant renewed = Instant.EPOCH;
    private long timer = -1;

    Imports(
            ImportBook book,
            ImportFiles files,
            Ledgers ledgers,
            ImportConfig config,
            MigrationConfig migration,
            Clock clock,
            Live live,
            Vertx vertx) {
        this.book = book;
        this.files = files;
        this.ledgers = ledgers;
        this.config = config;
        this.migration = migration;
        this.clock = clock;
        this.live = live;
        this.vertx = vertx;
    }

    void start(@Observes StartupEvent started) {
        begin();
    }

    void stop(@Observes ShutdownEvent stopping) {
        halt();
    }

    /** Starts working as a new owner. */
    void begin() {
        owner = UUID.randomUUID();
        timer = vertx.setPeriodic(config.tick().toMillis(), tick -> tick());
    }

    /** Stops working as a killed process would: the lease stays until it lapses. */
    void halt() {
        vertx.cancelTimer(timer);
        owner = null;
        Intake running = current.getAndSet(null);
        if (running != null) {
            running.stop();
        }
    }

    private void tick() {
        UUID me = owner;
        if (me == null || looking) {
            return;
        }
        looking = true;
        Intake running = current.get();
        Uni.createFrom()
                .deferred(() -> running == null ? sweep().chain(() -> take(me)) : renew(running, me))
                .onTermination()
                .invoke(() -> looking = false)
                .subscribe()
                .with(done -> {}, away -> LOG.debugf("imports cannot be looked for: reason=%s", away.getMessage()));
    }

    private Uni<Void> renew(Intake running, UUID me) {
        Instant now = clock.instant();
        if (renewed.plus(migration.lease().length().dividedBy(4)).isAfter(now)) {
            return Uni.createFrom().voidItem();
        }
        renewed = now;
        return book.claim(running.row().id, me, running.row().waitingFor)
                .invoke(found -> {
                    if (found.isEmpty()) {
                        running.stop();
                    } else if (found.get().cancelRequested) {
                        running.cancel();
                    }
                })
                .replaceWithVoid();
    }

    private Uni<Void> take(UUID me) {
        return book.claimable(me)
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .map(ids -> ids.stream().filter(files::here).findFirst())
                .chain(id -> id.isEmpty()
                        ? Uni.createFrom().voidItem()
                        : book.claim(id.get(), me, null)
                                .invoke(found -> found.ifPresent(row -> work(row, me)))
                                .replaceWithVoid());
    }

    private void work(ImportRow row, UUID me) {
        Intake[] itself = new Intake[1];
        Intake intake = new Intake(
                row,
                me,
                book,
                files,
                ledgers.of(row.kindOf()),
                config,
                migration.timeout(),
                clock,
                () -> live.progress("import", row.kind, ImportView.of(itself[0].row(), clock.instant())));
        itself[0] = intake;
        if (owner != me || !current.compareAndSet(null, intake)) {
            return;
        }
        LOG.infof("import goes on: id=%s kind=%s format=%s done=%d", row.id, row.kind, row.format, row.done);
        Infrastructure.getDefaultWorkerPool().execute(() -> workOnWorker(intake, me));
    }

    private void workOnWorker(Intake intake, UUID me) {
        try {
            boolean whole = intake.run();
            ended(intake, me, whole ? "succeeded" : "cancelled", null);
        } catch (Intake.Stopped e) {
            LOG.infof("import is left to another owner: id=%s", intake.row().id);
            current.compareAndSet(intake, null);
        } catch (Intake.Abandoned e) {
            ended(intake, me, "cancelled", e.getMessage());
        } catch (Intake.GivenUp e) {
            ended(intake, me, "failed", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            current.compareAndSet(intake, null);
        } catch (Throwable e) {
            // an error too: an import that nobody ends keeps every other from beginning
            LOG.error("an import failed unexpectedly", e);
            ended(intake, me, "failed", "unexpected: " + e.getMessage());
        }
    }

    private void ended(Intake intake, UUID me, String state, String error) {
        ImportRow row = intake.row();
        book.update(row.id, me, stored -> {
                    stored.state = state;
                    stored.error = error;
                    stored.waitingFor = null;
                    stored.finishedAt = clock.instant();
                    row.state = state;
                    row.error = error;
                    row.finishedAt = stored.finishedAt;
                })
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .invoke(written -> {
                    // a failed one may go on
                    if (written && !"failed".equals(state)) {
                        files.deleteBody(row.id);
                    }
                    LOG.infof(
                            "import ended: id=%s kind=%s state=%s accepted=%d rejected=%d renumbered=%d error=%s",
                            row.id, row.kind, state, row.accepted, row.rejected, row.renumbered, error);
                    live.complete("import", row.kind, ImportView.of(row, clock.instant()));
                })
                .onTermination()
                .invoke(() -> current.compareAndSet(intake, null))
                .subscribe()
                .with(
                        done -> {},
                        // the lease lapses, and the next look ends it anew from the checkpoint
                        away -> LOG.warnf("an import's end is not written yet: id=%s %s", row.id, away.getMessage()));
    }

    /** Removes files that nobody needs any more. */
    private Uni<Void> sweep() {
        Instant now = clock.instant();
        if (swept.plus(SWEEP_EVERY).isAfter(now)) {
            return Uni.createFrom().voidItem();
        }
        return book.needed(now.minus(config.keepRejects()))
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .invoke(needed -> sweepOnWorker(needed, now))
                .replaceWithVoid();
    }

    private void sweepOnWorker(List<UUID> needed, Instant now) {
        try {
            files.sweep(new HashSet<>(needed), now.minus(SWEEP_EVERY));
            swept = now;
        } catch (IOException e) {
            swept = now;
            LOG.warnf("old files of imports cannot be removed: reason=%s", e.getMessage());
        }
    }
}
