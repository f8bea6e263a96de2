package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.following.Following;
import io.homebudget.ledger.storage.store.AuditQuery;
import io.homebudget.ledger.storage.store.GroupTotal;
import io.homebudget.ledger.storage.store.Grouping;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.store.LoggedChange;
import io.homebudget.ledger.storage.store.StoreAway;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteOutcome.NotWritten;
import io.homebudget.ledger.storage.store.WriteOutcome.Unknown;
import io.homebudget.ledger.storage.store.WriteOutcome.Written;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Joins the two stores to one ledger: log first, follower after.
 *
 * <p>Acknowledged means: {@code JSON_ONLY}, {@code DUAL_WRITE}: journal fsynced; {@code DATABASE_ONLY}: PostgreSQL committed;
 * {@code DATABASE_READS}: PostgreSQL committed, and journal fsynced or the in-sync mark durably cleared before. After a commit
 * and before the answer the epoch is compared once more: if it no longer rules, the outcome is {@code Unknown}.
 */
final class LedgerRouter implements Ledger {
    private static final Logger LOG = Logger.getLogger(LedgerRouter.class);
    /** A healthy follower that is further behind slows the writers, so that the log stays short. */
    private static final long SLOW_DOWN_AT_LAG = 20_000;
    /** How much one write is slowed at most. */
    private static final long SLOW_DOWN_MILLIS = 200;
    /** Attempts of one write across phase changes; each change ends within a second. */
    private static final int ATTEMPTS = 4;

    /** How long a read waits for a PostgreSQL that may hang, where JSON has the answer too: below the clients' 2 s. */
    private static final Duration READ_PATIENCE = Duration.ofMillis(1_500);

    private final Kind kind;
    private final Helm helm;
    private final Supplier<LedgerState> state;
    private final Runnable onCommitted;
    private final Runnable onFenced;
    private final WriteTroubles troubles = new WriteTroubles();

    LedgerRouter(Kind kind, Helm helm, Supplier<LedgerState> state, Runnable onCommitted, Runnable onFenced) {
        this.kind = kind;
        this.helm = helm;
        this.state = state;
        this.onCommitted = onCommitted;
        this.onFenced = onFenced;
    }

    @Override
    public Kind kind() {
        return kind;
    }

    @Override
    public LedgerState state() {
        return state.get();
    }

    // ---- writing -------------------------------------------------------------------------------------------------

    @Override
    public Uni<WriteOutcome> write(WriteRequest request) {
        CompletableFuture<WriteOutcome> outcome = new CompletableFuture<>();
        attempt(request, 1, outcome);
        // an emitter, unlike completionStage(), leaves the write alone when its subscriber goes away (A31)
        return Uni.createFrom()
                .emitter(emitter -> outcome.whenComplete((result, failure) -> {
                    if (failure == null) {
                        troubles.saw(result);
                        emitter.complete(result);
                    } else {
                        emitter.fail(failure);
                    }
                }));
    }

    private void attempt(WriteRequest request, int attempt, CompletableFuture<WriteOutcome> outcome) {
        helm.gate.enter().thenAccept(entered -> {
            if (!entered) {
                outcome.complete(
                        new NotWritten("too many writers wait for a phase change to end, or the service stops"));
                return;
            }
            Course course = helm.course();
            if (!course.mayWrite()) {
                helm.gate.leave();
                outcome.complete(new NotWritten(course.reason()));
                return;
            }
            commit(request, course).whenComplete((result, failure) -> {
                helm.gate.leave();
                if (failure != null) {
                    LOG.error("a write failed unexpectedly", failure);
                    outcome.complete(new Unknown("the write failed unexpectedly: "
                            + failure.getClass().getSimpleName()));
                } else if (!(result instanceof WriteOutcome.Fenced)) {
                    outcome.complete(result);
                } else if (attempt < ATTEMPTS) {
                    // not on the engine's timer: that one drops what waits when the engine closes, and with it the
                    // answer
                    CompletableFuture.delayedExecutor(20L * attempt * attempt, TimeUnit.MILLISECONDS)
                            .execute(() -> attempt(request, attempt + 1, outcome));
                } else {
                    onFenced.run();
                    outcome.complete(new NotWritten("the ledger is changing hands"));
                }
            });
        });
    }

    private CompletableFuture<WriteOutcome> commit(WriteRequest request, Course course) {
        CompletableFuture<WriteOutcome> committed = new CompletableFuture<>();
        Uni.createFrom()
                .deferred(() -> helm.primary(course.rule()).write(request, course.epoch()))
                .subscribe()
                .with(committed::complete, committed::completeExceptionally);
        return committed.thenCompose(outcome -> {
            if (!(outcome instanceof Written written)) {
                return CompletableFuture.completedFuture(outcome);
            }
            return acknowledge(written, course).thenApply(done -> {
                onCommitted.run();
                // a takeover first ends writing, then looks at the in-sync mark: what is acknowledged after that is
                // lost
                Course now = helm.course();
                return now.epoch() == course.epoch() && now.mayWrite()
                        ? done
                        : new Unknown("the phase changed while the write was being acknowledged");
            });
        });
    }

    /** What the phase demands after the primary's commit and before the answer. */
    private CompletableFuture<WriteOutcome> acknowledge(Written written, Course course) {
        Phase phase = course.rule().phase();
        if (phase == Phase.DATABASE_READS) {
            Synchrony synchrony = helm.synchrony();
            if (synchrony == null) {
                return CompletableFuture.completedFuture(new Unknown("the follower is being replaced"));
            }
            return synchrony
                    .acknowledge(written.set())
                    .handle((ok, failure) -> failure == null
                            ? written
                            : new Unknown("not durable in the JSON folder: " + failure.getMessage()));
        }
        Following following = course.following();
        if (phase == Phase.DUAL_WRITE && following != null) {
            following.nudge(written.set().position(), written.set().at());
            if (following.lag() > SLOW_DOWN_AT_LAG && following.state() == Following.State.FOLLOWING) {
                return following
                        .await(written.set().position() - SLOW_DOWN_AT_LAG)
                        .completeOnTimeout(null, SLOW_DOWN_MILLIS, TimeUnit.MILLISECONDS)
                        .handle((ok, failure) -> written);
            }
        }
        return CompletableFuture.completedFuture(written);
    }

    // ---- reading -------------------------------------------------------------------------------------------------

    @Override
    public Uni<Served<Held>> find(long id) {
        return read(store -> store.find(id));
    }

    @Override
    public Uni<Served<List<GroupTotal>>> summarize(Grouping by, Listing filter) {
        return read(store -> store.summarize(by, filter));
    }

    @Override
    public Uni<Served<List<LoggedChange>>> audit(AuditQuery query) {
        return read(store -> store.audit(query));
    }

    /**
     * The first chunk is asked for before the answer begins, so that a primary that is away is noticed while the follower can
     * still answer in its place.
     */
    @Override
    public Uni<Served<Multi<List<Held>>>> list(Listing listing) {
        return read(store -> Streams.begun(store.list(listing)));
    }

    private <T> Uni<Served<T>> read(Function<LedgerStore, Uni<T>> question) {
        Course course = helm.course();
        if (!course.mayRead()) {
            return Uni.createFrom().failure(new StoreAway(StoreName.POSTGRES, course.reason(), null));
        }
        LedgerStore primary = helm.primary(course.rule());
        boolean followerHasAll = course.rule().phase() == Phase.DATABASE_READS && helm.mark.isSet();
        if (followerHasAll && !helm.postgresAttached()) {
            return question.apply(helm.json).map(value -> new Served<>(value, true));
        }
        Uni<Served<T>> answer = question.apply(primary).map(value -> new Served<>(value, false));
        if (!followerHasAll) {
            return answer;
        }
        return answer.ifNoItem()
                .after(READ_PATIENCE)
                .failWith(() ->
                        new StoreAway(primary.name(), "no answer within " + READ_PATIENCE.toMillis() + " ms", null))
                .onFailure(StoreAway.class)
                .recoverWithUni(away -> helm.mark.isSet()
                        ? question.apply(helm.json).map(value -> new Served<>(value, true))
                        : Uni.createFrom().failure(away));
    }
}
