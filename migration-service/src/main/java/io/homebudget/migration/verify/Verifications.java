package io.homebudget.migration.verify;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.discrepancies.DiscrepancyRecorder;
import io.homebudget.migration.discrepancies.Finding.Place;
import io.homebudget.migration.discrepancies.Look;
import io.homebudget.migration.discrepancies.Origin;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.live.Live;
import io.homebudget.migration.schema.Database;
import io.homebudget.migration.schema.DatabaseAway;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Verifications in progress and finished. One that is asked for while PostgreSQL is away runs all the same and is kept in
 * memory, saying so in nothing but its absence after a restart.
 */
@ApplicationScoped
public class Verifications {
    private static final Logger LOG = Logger.getLogger(Verifications.class);

    /** A service that is silent for so long is dead: many times the heartbeat. */
    private static final Duration SILENT = Duration.ofSeconds(60);

    private static final long HEARTBEAT_MILLIS = 5_000;

    /** Phase changes during a verification are rare; a second one in a row is somebody's test. */
    private static final int RESTARTS = 3;

    /** The ledger services tell of their follower from a memory of a second. */
    private static final Duration FILLED_PAUSE = Duration.ofMillis(300);

    private static final Duration FILLED_LIMIT = Duration.ofSeconds(4);

    private static final int KEPT_IN_MEMORY = 200;

    /** About four seconds: more than a pause of PostgreSQL, less than a person waits for the end. */
    private static final int END_ATTEMPTS = 4;

    private final Ledgers ledgers;
    private final VerificationBook book;
    private final DiscrepancyRecorder discrepancies;
    private final EntryJudge judge;
    private final Verifier verifier;
    private final Clock clock;
    private final Live live;
    private final Vertx vertx;
    private final Map<UUID, VerificationRow> known = Collections.synchronizedMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, VerificationRow> eldest) {
            return size() > KEPT_IN_MEMORY && !eldest.getValue().running();
        }
    });
    private long timer = -1;

    Verifications(
            Ledgers ledgers,
            VerificationBook book,
            DiscrepancyRecorder discrepancies,
            EntryJudge judge,
            MigrationConfig config,
            Clock clock,
            Live live,
            Vertx vertx) {
        this.ledgers = ledgers;
        this.book = book;
        this.discrepancies = discrepancies;
        this.judge = judge;
        this.verifier = new Verifier(config.verify(), clock);
        this.clock = clock;
        this.live = live;
        this.vertx = vertx;
    }

    void start(@Observes StartupEvent started) {
        timer = vertx.setPeriodic(HEARTBEAT_MILLIS, tick -> beat());
    }

    void stop(@Observes ShutdownEvent stopping) {
        vertx.cancelTimer(timer);
    }

    private void beat() {
        Uni<Void> beats = Uni.createFrom().voidItem();
        for (VerificationRow row : List.copyOf(known.values())) {
            if (row.running()) {
                beats = beats.chain(() -> book.heartbeat(row.id, row.done, row.total, clock.instant()));
            }
        }
        beats.chain(() -> book.sweep(clock.instant().minus(SILENT), clock.instant()))
                .subscribe()
                .with(done -> {}, away -> LOG.debugf("no heartbeat of verifications: reason=%s", away.getMessage()));
    }

    /**
     * Starts one and answers at once.
     *
     * @param runId the run it belongs to; null where a person asked
     */
    public Uni<VerificationRow> begin(Kind kind, UUID runId, String actor, String reason) {
        VerificationRow row = new VerificationRow();
        row.id = UUID.randomUUID();
        row.kind = kind.word();
        row.state = "running";
        row.runId = runId;
        row.actor = actor;
        row.reason = reason;
        row.startedAt = clock.instant();
        row.heartbeatAt = row.startedAt;
        known.put(row.id, row);
        return book.begin(copy(row))
                .onFailure(DatabaseAway.class)
                .recoverWithNull()
                .invoke(() -> compare(kind, row, 1))
                .replaceWith(row);
    }

    private void compare(Kind kind, VerificationRow row, int attempt) {
        verifier.verify(ledgers.of(kind), (done, total) -> {
                    row.done = done;
                    row.total = total;
                })
                // a follower that was filled a moment ago is told as complete a moment later
                .onFailure(Verifier.FollowerIncomplete.class)
                .retry()
                .withBackOff(FILLED_PAUSE, FILLED_PAUSE)
                .expireIn(FILLED_LIMIT.toMillis())
                // a spent retry wraps its last failure
                .onFailure(failure -> failure.getCause() instanceof Verifier.FollowerIncomplete)
                .transform(Throwable::getCause)
                .subscribe()
                .with(result -> ended(row, result, null), failure -> {
                    if (failure instanceof Verifier.PhaseMoved && attempt < RESTARTS) {
                        compare(kind, row, attempt + 1);
                    } else {
                        ended(row, null, failure);
                    }
                });
    }

    private void ended(VerificationRow row, VerificationResult result, Throwable failure) {
        VerificationRow end = copy(row);
        end.finishedAt = clock.instant();
        end.heartbeatAt = end.finishedAt;
        if (result == null) {
            end.state = "failed";
            end.error = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
            LOG.warnf(failure, "verification failed: kind=%s id=%s", row.kind, row.id);
        } else {
            end.state = "succeeded";
            end.compared = result.compared();
            end.total = result.compared();
            end.done = result.compared();
            end.differences = result.differences();
            end.falseAlarmsDropped = result.falseAlarmsDropped();
            end.entriesRead = result.entriesRead();
            end.verifiedThrough = result.verifiedThrough();
            end.seconds = result.seconds();
            LOG.infof(
                    "verified: kind=%s compared=%d differences=%d false_alarms_dropped=%d seconds=%.3f buckets_read=%d"
                            + " entries_read=%d",
                    row.kind,
                    result.compared(),
                    result.differences(),
                    result.falseAlarmsDropped(),
                    result.seconds(),
                    result.bucketsRead(),
                    result.entriesRead());
        }
        // whoever sees the end must find it recorded: the record comes first
        Database.patiently(() -> recorded(end, result).chain(() -> book.end(copy(end))), END_ATTEMPTS)
                .onFailure(DatabaseAway.class)
                .invoke(away -> LOG.warnf("a verification's end is kept in memory only: id=%s", row.id))
                .onFailure()
                .invoke(unkept -> LOG.errorf(unkept, "a verification's end could not be recorded: id=%s", row.id))
                .onFailure()
                .recoverWithNull()
                .subscribe()
                .with(done -> {
                    known.put(row.id, end);
                    live.complete("verification", row.kind, VerificationView.of(end));
                });
    }

    private Uni<Void> recorded(VerificationRow end, VerificationResult result) {
        if (result == null) {
            return Uni.createFrom().voidItem();
        }
        Kind kind = Kind.ofWord(end.kind).orElseThrow();
        Look look = new Look(
                result.findings(), Set.of(), Place.SERVED, Origin.VERIFICATION, end.id, end.startedAt, end.finishedAt);
        return discrepancies
                .record(kind, look)
                .invoke(settled -> {
                    end.dismissed = settled.dismissed();
                    end.differences = result.differences() - settled.dismissed();
                })
                .chain(settled -> overtaken(kind, settled.overtaken(), end))
                // where not all of them are kept, one that is not among them may be found all the same
                .chain(() -> result.differences() > result.findings().size()
                        ? Uni.createFrom().item(0)
                        : discrepancies.closeUnseen(kind, end.id, end.startedAt, end.finishedAt))
                .replaceWithVoid();
    }

    /** What was mended meanwhile is looked at again, and counts only where it differs still. */
    private Uni<Void> overtaken(Kind kind, Set<Long> ids, VerificationRow end) {
        if (ids.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Map<Long, Long> entries = new LinkedHashMap<>();
        ids.forEach(id -> entries.put(id, 1L));
        return judge.judge(kind, entries, Origin.VERIFICATION)
                .invoke(findings -> end.differences -= ids.size() - findings.size())
                .replaceWithVoid();
    }

    /** What is known of one; empty where nobody ever heard of it. */
    public Uni<Optional<VerificationRow>> find(UUID id) {
        VerificationRow here = known.get(id);
        return here != null ? Uni.createFrom().item(Optional.of(here)) : book.find(id);
    }

    /** As {@link #find}, of those begun in this process. */
    public Optional<VerificationRow> here(UUID id) {
        return Optional.ofNullable(known.get(id));
    }

    boolean running(Kind kind) {
        return List.copyOf(known.values()).stream().anyMatch(row -> row.running() && row.kind.equals(kind.word()));
    }

    private static VerificationRow copy(VerificationRow row) {
        VerificationRow copy = new VerificationRow();
        copy.id = row.id;
        copy.kind = row.kind;
        copy.state = row.state;
        copy.runId = row.runId;
        copy.actor = row.actor;
        copy.reason = row.reason;
        copy.done = row.done;
        copy.total = row.total;
        copy.compared = row.compared;
        copy.differences = row.differences;
        copy.falseAlarmsDropped = row.falseAlarmsDropped;
        copy.dismissed = row.dismissed;
        copy.entriesRead = row.entriesRead;
        copy.verifiedThrough = row.verifiedThrough;
        copy.seconds = row.seconds;
        copy.error = row.error;
        copy.startedAt = row.startedAt;
        copy.finishedAt = row.finishedAt;
        copy.heartbeatAt = row.heartbeatAt;
        return copy;
    }
}
