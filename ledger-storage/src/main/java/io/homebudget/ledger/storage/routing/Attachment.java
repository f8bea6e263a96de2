package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Standing;
import io.netty.channel.ConnectTimeoutException;
import io.smallrye.mutiny.Uni;
import java.net.ConnectException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Finds out who rules when the service starts, and brings PostgreSQL in whenever it comes within reach.
 *
 * <p>The highest decided epoch rules. The JSON store is always at hand; PostgreSQL may be away, at start and later. What the
 * JSON store alone knows is enough in two cases: JSON rules and nothing is prepared, or JSON rules and it is the decider of
 * what is prepared (then it was not decided). In every other case PostgreSQL is asked first, and until it answers there are
 * reads only, and only where the in-sync mark proves that JSON holds everything acknowledged.
 */
public final class Attachment {
    private static final Logger LOG = Logger.getLogger(Attachment.class);
    private static final Duration ROUND = Duration.ofMillis(500);
    /** Rounds between two looks at a database that belongs to another folder. */
    private static final int FOREIGN_PATIENCE = 10;
    /** The first look may upgrade the schema and undo orphans; each single call has a limit of its own. */
    private static final Duration LOOK = Duration.ofMinutes(5);

    /** What the attachment needs of PostgreSQL beyond being a store. */
    public interface Database {
        /** Brings the schema up to date where that is allowed; fails with the reason where it is not, or out of reach. */
        Uni<Void> ready();

        /** Cheap: whether it answers. */
        Uni<Void> ping();

        /** Ends PostgreSQL's rule durably without saying who rules now: writes in flight end, later ones write nothing. */
        Uni<Void> fence();

        /**
         * After a takeover: moves PostgreSQL's sets behind {@code position} out of its log into the orphans, and makes the
         * entries they touched what the JSON store holds.
         *
         * @return how many sets
         */
        Uni<Integer> undoBeyond(long position, LedgerStore truth);
    }

    private final Helm helm;
    private final Database database;
    private final UUID identity;
    private final Supplier<Long> takenOverAt;
    private final NewStore newServesAfter;
    private String lastProblem;
    /** PostgreSQL answered that the ledger lies elsewhere: waiting longer does not make this folder the right one. */
    private volatile boolean foreign;
    /** The last look is over and found nobody listening. A server that is slow, or hangs, may know a ledger that lies elsewhere. */
    private volatile boolean nobodyListens;

    /**
     * @param identity of the JSON store
     * @param newServesAfter how long a new and empty store waits for PostgreSQL's word, where there is no PostgreSQL
     * @param takenOverAt the head of the JSON log when its present rule was decided
     */
    Attachment(Helm helm, Database database, UUID identity, Supplier<Long> takenOverAt, NewStore newServesAfter) {
        this.helm = helm;
        this.database = database;
        this.identity = identity;
        this.takenOverAt = takenOverAt;
        this.newServesAfter = newServesAfter;
    }

    /** Begins to serve as far as the JSON store alone allows, then looks after PostgreSQL for as long as the service runs. */
    Uni<Void> start() {
        return helm.json
                .standing()
                .chain(this::beginWith)
                .invoke(() -> helm.timer.schedule(this::round, 0, TimeUnit.MILLISECONDS));
    }

    /** Why PostgreSQL is not attached; null when it is. */
    synchronized String problem() {
        return helm.postgresAttached() ? null : lastProblem;
    }

    private Uni<Void> beginWith(Standing json) {
        if (json.decided().isEmpty()) {
            return helm.json.count().chain(this::beginNew);
        }
        Rule decided = json.decided().get();
        if (decided.phase().primary() == StoreName.JSON) {
            Uni<Void> settled = json.prepared().isPresent()
                    ? helm.json.abandon()
                    : Uni.createFrom().voidItem();
            // the follower joins when PostgreSQL is attached; until then its lag is what the log holds
            return settled.invoke(() -> helm.set(Course.serving(decided, null)));
        }
        boolean mayRead = decided.phase() == Phase.DATABASE_READS && helm.mark.isSet();
        Course waiting = new Course(
                decided,
                mayRead ? Course.Ability.READ_ONLY : Course.Ability.CLOSED,
                // ruling alone it may hold what no file has: only with it the way back is open
                decided.phase() == Phase.DATABASE_ONLY
                        ? "PostgreSQL rules alone and is out of reach. Bring it back."
                        : "PostgreSQL rules and is out of reach. Bring it back, or move back to JSON with a rollback.",
                null);
        helm.set(waiting);
        return Uni.createFrom().voidItem();
    }

    /**
     * A store that was made a moment ago. With entries it was taken over from an old backend and serves. Empty, it may be a
     * second instance on an empty volume, whose ledger lies in PostgreSQL: that one is asked first (A44).
     */
    private Uni<Void> beginNew(long entries) {
        if (entries > 0 || newServesAfter.isZero()) {
            return beginFirstRule();
        }
        helm.set(Course.closed(
                "The data folder is new and empty. PostgreSQL is asked whether the ledger lies elsewhere."));
        newServesAfter.limit().ifPresent(this::beginAfter);
        return Uni.createFrom().voidItem();
    }

    /** Again and again, until somebody rules: at that moment PostgreSQL may be just being asked. */
    private void beginAfter(Duration limit) {
        helm.timer.schedule(
                () -> helm.inTurn(this::beginWithoutAnswer, () -> false)
                        .subscribe()
                        .with(done -> {}, failure -> {
                            LOG.error("the new store cannot be begun yet", failure);
                            beginAfter(ROUND);
                        }),
                limit.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private Uni<Void> beginWithoutAnswer() {
        if (foreign || helm.course().rule() != null) {
            return Uni.createFrom().voidItem();
        }
        if (!nobodyListens) {
            beginAfter(ROUND);
            return Uni.createFrom().voidItem();
        }
        return beginFirstRule();
    }

    private Uni<Void> beginFirstRule() {
        Rule first = new Rule(1, Phase.JSON_ONLY);
        return helm.json.adopt(first).invoke(() -> helm.set(Course.serving(first, null)));
    }

    private void round() {
        nobodyListens = false;
        Uni<Void> look = Uni.createFrom()
                .deferred(() -> helm.postgresAttached()
                        ? database.ping()
                        : database.ready().chain(this::attach));
        look.ifNoItem().after(LOOK).fail().subscribe().with(done -> again(), failure -> {
            // a connect timeout is one of these too, and no refusal
            nobodyListens = failure instanceof ConnectException && !(failure instanceof ConnectTimeoutException);
            detach(failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage());
            again();
        });
    }

    private Uni<Void> attach() {
        return Uni.createFrom().deferred(() -> {
            if (!helm.steering.compareAndSet(false, true)) {
                return Uni.createFrom().voidItem();
            }
            return Uni.createFrom()
                    .deferred(helm.postgres::standing)
                    .chain(this::reconcile)
                    .invoke(() -> {
                        helm.postgresAttached(true);
                        LOG.info("PostgreSQL is attached");
                    })
                    .onTermination()
                    .invoke(() -> helm.steering.set(false));
        });
    }

    private synchronized void detach(String why) {
        if (helm.postgresAttached() || !why.equals(lastProblem)) {
            LOG.warnv("PostgreSQL is not attached: {0}", why);
        }
        lastProblem = why;
        helm.postgresAttached(false);
    }

    /** A write was refused because another process changed the phase: look who rules. */
    void lookAgain() {
        helm.postgresAttached(false);
    }

    private void again() {
        // a database that belongs to another folder is asked rarely: only a person can change what it says
        Duration pause = foreign ? ROUND.multipliedBy(FOREIGN_PATIENCE) : ROUND;
        helm.timer.schedule(this::round, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Brings both stores to one opinion about who rules, then serves by it. */
    private Uni<Void> reconcile(Standing postgres) {
        foreign = false;
        if (postgres.identity() != null && !postgres.identity().equals(identity)) {
            Rule theirs = postgres.decided().orElse(null);
            boolean nothingOfOurOwn = helm.course().rule() == null || helm.stateless();
            if (theirs != null && theirs.phase() == Phase.DATABASE_ONLY && nothingOfOurOwn) {
                // a replica: it needs no files in this phase, and can take the ledger nowhere
                helm.serveStateless(theirs);
                return Uni.createFrom().voidItem();
            }
            String why = "PostgreSQL belongs to the JSON store " + postgres.identity() + ", this one is " + identity
                    + ". Start the service on its own data folder, or give it a database of its own.";
            foreign = true;
            helm.set(Course.closed(why));
            return Uni.createFrom().failure(new IllegalStateException(why));
        }
        return helm.json.standing().chain(json -> reconcile(json, postgres));
    }

    private Uni<Void> reconcile(Standing json, Standing postgres) {
        if (json.decided().isEmpty()) {
            return beginFirstRule().chain(helm.json::standing).chain(begun -> reconcile(begun, postgres));
        }
        Rule jsonSays = json.decided().get();
        Rule postgresSays = postgres.decided().orElse(null);
        Rule rule = postgresSays != null && postgresSays.epoch() > jsonSays.epoch() ? postgresSays : jsonSays;
        Uni<Void> settled = Uni.createFrom().voidItem();
        if (rule.epoch() > jsonSays.epoch()) {
            settled = settled.chain(() -> helm.json.adopt(rule));
        } else if (json.prepared().isPresent() && json.prepared().get().epoch() > rule.epoch()) {
            settled = settled.chain(helm.json::abandon);
        }
        if (postgresSays == null ? rule.phase() != Phase.JSON_ONLY : rule.epoch() > postgresSays.epoch()) {
            settled = settled.chain(() -> bringToRule(postgresSays, rule));
        } else if (postgres.prepared().isPresent() && postgres.prepared().get().epoch() > rule.epoch()) {
            settled = settled.chain(helm.postgres::abandon);
        }
        return settled.chain(() -> serve(rule));
    }

    /** PostgreSQL is behind. Where it ruled when it was lost, its epoch is raised first, so that nothing stale can commit. */
    private Uni<Void> bringToRule(Rule postgresSays, Rule rule) {
        boolean lostItsRule = postgresSays != null
                && postgresSays.phase().primary() == StoreName.POSTGRES
                && rule.phase().primary() == StoreName.JSON;
        if (!lostItsRule) {
            return helm.postgres.makeWay().chain(() -> helm.postgres.adopt(rule));
        }
        // adopted last: a crash in between finds PostgreSQL behind once more and repeats all of it
        return helm.postgres
                .makeWay()
                .chain(database::fence)
                .chain(() -> database.undoBeyond(takenOverAt.get(), helm.json))
                .call(() -> helm.postgres.adopt(rule))
                .invoke(sets -> {
                    helm.orphans.addAndGet(sets);
                    if (sets > 0) {
                        LOG.warnv(
                                "PostgreSQL returned with {0} sets that JSON never had: listed as orphans and undone",
                                sets);
                    }
                })
                .replaceWithVoid();
    }

    private Uni<Void> serve(Rule rule) {
        Course now = helm.course();
        if (rule.equals(now.rule())
                && now.mayWrite()
                && (now.following() != null || !rule.phase().dual())) {
            return Uni.createFrom().voidItem();
        }
        return helm.enter(rule).replaceWithVoid();
    }
}
