package io.homebudget.migration.upgrade;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.SchemaState;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.ledgers.LedgerAway;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.live.Live;
import io.homebudget.migration.problems.Refused;
import io.homebudget.migration.runs.RunBook;
import io.homebudget.migration.schema.DatabaseAway;
import io.homebudget.migration.snapshots.Backups;
import io.homebudget.migration.verify.Verifications;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.logging.Logger;

/** Takes orders for upgrades, refuses unsafe ones before anything changed, and drives the one that is under way. */
@ApplicationScoped
class Upgrades {
    private static final Logger LOG = Logger.getLogger(Upgrades.class);
    private static final long BEAT_MILLIS = 5_000;

    /** Many beats: whoever is silent for so long is dead. */
    private static final Duration SILENT = Duration.ofSeconds(60);

    private final SchemaServices services;
    private final UpgradeBook book;
    private final RunBook runs;
    private final Ledgers ledgers;
    private final Backups backups;
    private final Verifications verifications;
    private final MigrationConfig config;
    private final Live live;
    private final ObjectMapper json;
    private final Clock clock;
    private final Vertx vertx;
    private volatile UpgradeRow current;
    private volatile int toldPending;
    private long timer = -1;

    Upgrades(
            SchemaServices services,
            UpgradeBook book,
            RunBook runs,
            Ledgers ledgers,
            Backups backups,
            Verifications verifications,
            MigrationConfig config,
            Live live,
            ObjectMapper json,
            Clock clock,
            Vertx vertx) {
        this.services = services;
        this.book = book;
        this.runs = runs;
        this.ledgers = ledgers;
        this.backups = backups;
        this.verifications = verifications;
        this.config = config;
        this.live = live;
        this.json = json;
        this.clock = clock;
        this.vertx = vertx;
    }

    /**
     * The body of {@code POST /api/database/update}.
     *
     * @param restorePrimary consent to undo what was written since the snapshot where the upgrade damaged the primary's store
     */
    record Order(boolean confirm, boolean restorePrimary, String reason) {}

    void start(@Observes StartupEvent started) {
        timer = vertx.setPeriodic(BEAT_MILLIS, tick -> beat());
    }

    void stop(@Observes ShutdownEvent stopping) {
        vertx.cancelTimer(timer);
    }

    private void beat() {
        UpgradeRow row = current;
        Uni<Void> beat = row == null ? Uni.createFrom().voidItem() : book.heartbeat(row.id, clock.instant());
        beat.chain(() -> book.sweep(clock.instant().minus(SILENT), clock.instant()))
                .chain(services::told)
                .subscribe()
                .with(this::tellOfUpdates, away -> LOG.debugf("no look at upgrades: reason=%s", away.getMessage()));
    }

    private void tellOfUpdates(List<SchemaServices.Told> told) {
        int pending = told.stream()
                .mapToInt(one -> one.pending() ? one.state().pending().size() : 0)
                .sum();
        if (pending > 0 && pending != toldPending) {
            live.updateAvailable(SchemaView.status(told, backups.configured()));
        }
        toldPending = pending;
    }

    Uni<UUID> order(Order order, String actor) {
        if (!order.confirm()) {
            throw Refused.of(
                    LedgerError.CONSENT_MISSING,
                    "This changes tables. Look at GET /api/database/preview, then send \"confirm\": true.");
        }
        return services.told().chain(told -> nothingToDo(told) ? done(order, actor) : begin(order, actor, told));
    }

    /** Who is away may have something pending, and an upgrade that still verifies is not over. */
    private boolean nothingToDo(List<SchemaServices.Told> told) {
        return current == null && told.stream().noneMatch(one -> one.state() == null || one.pending());
    }

    /** The order is carried out already, and written down as such: repeating it is no mistake. */
    private Uni<UUID> done(Order order, String actor) {
        UpgradeRow row = ordered(order, actor);
        row.state = "succeeded";
        row.percent = 100;
        row.finishedAt = row.startedAt;
        return book.open(row).replaceWith(row.id);
    }

    private Uni<UUID> begin(Order order, String actor, List<SchemaServices.Told> pending) {
        return Uni.createFrom()
                .item(pending)
                .call(told -> safety(told).invoke(Upgrades::refuseUnsafe))
                // its own tables come first: the job is written down in them, and they hold no entry
                .call(told -> told.get(0).pending()
                        ? services.named("migration").update()
                        : Uni.createFrom().nullItem())
                .chain(told -> open(order, actor, told));
    }

    private static void refuseUnsafe(List<Map<String, Object>> checks) {
        checks.stream().filter(check -> !(boolean) check.get("ok")).findFirst().ifPresent(closed -> {
            throw Refused.of(
                    LedgerError.GATE_CLOSED,
                    closed.get("reason") + " " + closed.get("advice"),
                    Map.of("checks", checks));
        });
    }

    /** Whether an upgrade would be safe now, each condition with its reason. */
    Uni<List<Map<String, Object>>> safety(List<SchemaServices.Told> told) {
        List<Map<String, Object>> checks = new ArrayList<>();
        List<String> away = told.stream()
                .filter(one -> one.state() == null)
                .map(one -> one.service().name() + ": " + one.error())
                .toList();
        checks.add(check(
                "services_reachable",
                away.isEmpty(),
                away.isEmpty() ? "All services tell their schema." : String.join("; ", away) + ".",
                "Start what is away."));
        Uni<Boolean> active = Uni.createFrom().item(false);
        for (Kind kind : Kind.values()) {
            active = active.chain(before -> before ? Uni.createFrom().item(true) : runs.anyActive(kind));
        }
        return active.onFailure(DatabaseAway.class)
                .recoverWithItem(away.isEmpty() && current == null ? false : true)
                .map(running -> {
                    checks.add(check(
                            "no_active_operation",
                            !running && current == null,
                            running || current != null
                                    ? "A run or an upgrade is under way."
                                    : "Nothing else is under way.",
                            "Wait for its end or cancel it."));
                    return checks;
                });
    }

    private static Map<String, Object> check(String name, boolean ok, String reason, String advice) {
        return Map.of("name", name, "ok", ok, "reason", reason, "advice", ok ? "" : advice);
    }

    private UpgradeRow ordered(Order order, String actor) {
        UpgradeRow row = new UpgradeRow();
        row.id = UUID.randomUUID();
        row.state = "running";
        row.steps = "[]";
        row.actor = actor;
        row.reason = order.reason() == null ? "" : order.reason();
        row.startedAt = clock.instant();
        row.heartbeatAt = row.startedAt;
        return row;
    }

    private Uni<UUID> open(Order order, String actor, List<SchemaServices.Told> told) {
        UpgradeRow row = ordered(order, actor);
        List<SchemaServices.Told> ledgersPending =
                told.stream().skip(1).filter(SchemaServices.Told::pending).toList();
        return book.open(copy(row))
                .invoke(() -> drive(row, order, ledgersPending))
                .replaceWith(row.id);
    }

    private void drive(UpgradeRow row, Order order, List<SchemaServices.Told> pending) {
        current = row;
        DataCheckup checkup = new DataCheckup(
                ledgers, verifications, backups, order.restorePrimary(), row.actor, config.timeout(), clock);
        Upgrade[] itself = new Upgrade[1];
        Upgrade upgrade = new Upgrade(
                backups,
                checkup,
                config.backupBeforeMigrate(),
                config.timeout(),
                clock,
                () -> progress(row, itself[0], pending));
        itself[0] = upgrade;
        upgrade.run(pending).subscribe().with(done -> end(row, upgrade, null), failure -> end(row, upgrade, failure));
    }

    /** A step that cannot be written down is no reason to stop in the middle: the end is written all the same. */
    private Uni<Void> progress(UpgradeRow row, Upgrade upgrade, List<SchemaServices.Told> pending) {
        note(row, upgrade);
        long ended =
                upgrade.steps().stream().filter(step -> step.finished() != null).count();
        row.percent = (int) Math.min(99, 100 * ended / (pending.size() + 2));
        live.progress("upgrade", null, SchemaView.job(row, upgrade.steps()));
        return save(row).onFailure(DatabaseAway.class).recoverWithNull();
    }

    private void end(UpgradeRow row, Upgrade upgrade, Throwable failure) {
        note(row, upgrade);
        row.state = failure == null ? "succeeded" : "failed";
        row.percent = failure == null ? 100 : row.percent;
        row.error = failure == null ? null : failure.getMessage();
        row.finishedAt = clock.instant();
        current = null;
        LOG.infof("upgrade ended: id=%s state=%s error=%s", row.id, row.state, row.error);
        save(row)
                .onFailure()
                .retry()
                .withBackOff(Duration.ofMillis(250), Duration.ofSeconds(5))
                .atMost(10)
                .subscribe()
                .with(
                        saved -> live.complete("upgrade", null, SchemaView.job(row, upgrade.steps())),
                        away -> LOG.warnf("an upgrade's end could not be written down: id=%s", row.id));
    }

    private void note(UpgradeRow row, Upgrade upgrade) {
        try {
            row.steps = json.writeValueAsString(upgrade.steps());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("steps of plain values must be writable", e);
        }
        row.snapshot = upgrade.snapshot();
    }

    private Uni<Void> save(UpgradeRow row) {
        row.heartbeatAt = clock.instant();
        return book.save(copy(row));
    }

    /** One step back of one service; done when it is answered, and written down. */
    Uni<SchemaState> undo(String service, boolean confirm, String actor, String reason) {
        if (!confirm) {
            throw Refused.of(LedgerError.CONSENT_MISSING, "This takes tables back. Send \"confirm\": true.");
        }
        SchemaService one = services.named(service);
        UpgradeRow row = new UpgradeRow();
        row.id = UUID.randomUUID();
        row.state = "succeeded";
        row.percent = 100;
        row.actor = actor;
        row.reason = reason == null ? "" : reason;
        row.startedAt = clock.instant();
        return services.told()
                .chain(this::safety)
                .invoke(Upgrades::refuseUnsafe)
                .chain(() -> one.undo()
                        .onFailure(LedgerAway.class)
                        .transform(away -> Refused.of(
                                LedgerError.OUTCOME_UNKNOWN,
                                away.getMessage()
                                        + ". The step may have been taken back. Look at GET /api/database/status"
                                        + " before you repeat the call: another one takes back another step.")))
                .call(state -> {
                    UpgradeStep step = new UpgradeStep(
                            "undo " + service,
                            "done",
                            "back at version " + state.current(),
                            row.startedAt,
                            clock.instant());
                    row.finishedAt = clock.instant();
                    row.heartbeatAt = row.finishedAt;
                    row.steps = json.valueToTree(List.of(step)).toString();
                    LOG.warnf("schema step undone: service=%s version=%s actor=%s", service, state.current(), actor);
                    // its own newest tables may be the ones that are gone now
                    return book.open(row).onFailure(DatabaseAway.class).recoverWithNull();
                });
    }

    private static UpgradeRow copy(UpgradeRow row) {
        UpgradeRow copy = new UpgradeRow();
        copy.id = row.id;
        copy.state = row.state;
        copy.steps = row.steps;
        copy.percent = row.percent;
        copy.error = row.error;
        copy.snapshot = row.snapshot;
        copy.actor = row.actor;
        copy.reason = row.reason;
        copy.startedAt = row.startedAt;
        copy.heartbeatAt = row.heartbeatAt;
        copy.finishedAt = row.finishedAt;
        return copy;
    }
}
