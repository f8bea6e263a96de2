package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.following.Following;
import io.homebudget.ledger.storage.outbox.Publisher;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Standing;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Tells where the ledger stands, without ever waiting for a store: what must be asked of a store (counts, head) is refreshed
 * in the background, at most once a second, and only while somebody looks or the metrics are scraped.
 */
final class StateReport {
    private static final long REFRESH_MILLIS = 1_000;

    private final Kind kind;
    private final Helm helm;
    private final JsonSide json;
    private final Backfill backfill;
    private final Supplier<Publisher> publisher;
    private final Supplier<String> databaseProblem;
    private final boolean databaseConfigured;
    private final Phase pinned;
    private final AtomicBoolean refreshing = new AtomicBoolean();
    private volatile Known known = new Known(0, null, null, 0, 0, null);
    private volatile long refreshedAt = longAgo();

    /** @param epoch in which this was read: what it says of the follower is true in no other */
    private record Known(
            long epoch,
            Long jsonEntries,
            Long postgresEntries,
            long head,
            long jsonPosition,
            Standing.FollowerState follower) {}

    StateReport(
            Kind kind,
            Helm helm,
            JsonSide json,
            Backfill backfill,
            Supplier<Publisher> publisher,
            Supplier<String> databaseProblem,
            boolean databaseConfigured,
            Phase pinned) {
        this.kind = kind;
        this.helm = helm;
        this.json = json;
        this.backfill = backfill;
        this.publisher = publisher;
        this.databaseProblem = databaseProblem;
        this.databaseConfigured = databaseConfigured;
        this.pinned = pinned;
        helm.listen(course -> lookAnew());
    }

    /** What was read before is of another moment than the caller's. */
    private void lookAnew() {
        refreshedAt = longAgo();
        refresh();
    }

    private static long longAgo() {
        return System.nanoTime() - TimeUnit.MINUTES.toNanos(1);
    }

    LedgerState now() {
        refresh();
        Course course = helm.course();
        Rule rule = course.rule();
        Phase phase = rule == null ? null : rule.phase();
        Following following = course.following();
        Known seen = known;
        Standing.FollowerState seenFollower = seen.epoch() == course.epoch() ? seen.follower() : null;
        StoreName follower = phase == null ? null : phase.follower().orElse(null);
        long followerPosition = following == null ? 0 : following.position();
        long lag = following != null ? following.lag() : 0;
        List<String> notices = new ArrayList<>(json.notices());
        if (course.reason() != null) {
            notices.add(course.reason());
        }
        if (pinned != null && phase != null && pinned != phase) {
            notices.add("FF_USE_DATABASE_STORAGE and FF_DUAL_WRITE_ENABLED pin " + pinned + " but " + phase
                    + " is recorded and served.");
        }
        Ready ready = rollback(course, seen);
        Publisher publishing = publisher.get();
        long backlog = publishing.published() < 0 ? seen.head() : Math.max(0, seen.head() - publishing.published());
        return new LedgerState(
                kind.word(),
                phase,
                course.epoch(),
                phase == null ? null : phase.primary().word(),
                follower == null ? null : follower.word(),
                followerState(follower, following, seenFollower),
                inSync(phase, following, seenFollower),
                lag,
                following == null ? 0 : following.oldestAge().toMillis() / 1000.0,
                backlog,
                publishing.state().name().toLowerCase(Locale.ROOT),
                entries(seen),
                json.rejected(),
                helm.orphans.get(),
                seen.head(),
                followerPosition,
                ready.ready(),
                ready.reason(),
                pinned,
                stores(phase),
                null,
                null,
                json.identity(),
                helm.ruleSince(),
                notices);
    }

    private static Map<String, Long> entries(Known seen) {
        Map<String, Long> entries = new HashMap<>();
        entries.put("json", seen.jsonEntries());
        entries.put("postgres", seen.postgresEntries());
        return entries;
    }

    private Map<String, String> stores(Phase phase) {
        String postgres =
                !databaseConfigured ? "not_configured" : helm.postgresAttached() ? "connected" : "disconnected";
        String files = json.closed().isPresent() ? "closed" : phase == Phase.DATABASE_ONLY ? "unused" : "connected";
        return Map.of("json", files, "postgres", postgres);
    }

    private String followerState(StoreName follower, Following following, Standing.FollowerState seen) {
        if (follower == null) {
            return "none";
        }
        if (backfill.state().state().equals("running")) {
            return "backfilling";
        }
        if (following == null || following.state() != Following.State.FOLLOWING || seen == null) {
            return "away";
        }
        return seen == Standing.FollowerState.NEEDS_BACKFILL ? "needs_backfill" : "following";
    }

    private boolean inSync(Phase phase, Following following, Standing.FollowerState seen) {
        if (phase == null || !phase.dual()) {
            return phase != null;
        }
        if (phase == Phase.DATABASE_READS) {
            return helm.mark.isSet();
        }
        return following != null
                && following.state() == Following.State.FOLLOWING
                && following.lag() == 0
                && seen == Standing.FollowerState.FOLLOWING;
    }

    private record Ready(boolean ready, String reason) {}

    private Ready rollback(Course course, Known seen) {
        if (course.rule() == null) {
            return new Ready(false, "It is not known who rules: " + course.reason());
        }
        switch (course.rule().phase()) {
            case JSON_ONLY:
                return new Ready(false, "This is the first phase; there is nothing to go back to.");
            case DUAL_WRITE:
                return new Ready(true, "JSON rules; PostgreSQL is not needed to go back.");
            case DATABASE_READS:
                return helm.mark.isSet()
                        ? new Ready(true, "The JSON store holds every acknowledged write.")
                        : new Ready(false, "The JSON store is not in sync; it is " + lag(course) + " changes behind.");
            default:
                if (json.closed().isPresent()) {
                    return new Ready(false, json.closed().get().sentence());
                }
                return helm.postgresAttached()
                        ? new Ready(
                                true,
                                "The JSON store stands at position " + seen.jsonPosition() + "; "
                                        + Math.max(0, seen.head() - seen.jsonPosition())
                                        + " changes are replayed on the way back.")
                        : new Ready(false, "PostgreSQL rules alone and is out of reach: " + databaseProblem.get());
        }
    }

    private static String lag(Course course) {
        return course.following() == null
                ? "an unknown number of"
                : Long.toString(course.following().lag());
    }

    private void refresh() {
        long now = System.nanoTime();
        if (now - refreshedAt < TimeUnit.MILLISECONDS.toNanos(REFRESH_MILLIS)
                || !refreshing.compareAndSet(false, true)) {
            return;
        }
        Course course = helm.course();
        boolean asksPostgres = helm.postgresAttached();
        LedgerStore primary = course.rule() == null ? helm.json : helm.primary(course.rule());
        boolean primaryThere = primary == helm.json || asksPostgres;
        Uni.combine()
                .all()
                .unis(
                        orNull(helm.json.count(), json.closed().isEmpty()),
                        orNull(helm.postgres.count(), asksPostgres),
                        orNull(primary.head(), primaryThere),
                        orNull(helm.json.standing(), true),
                        orNull(helm.postgres.standing(), asksPostgres))
                .asTuple()
                .onTermination()
                .invoke(() -> {
                    refreshedAt = helm.course().epoch() == course.epoch() ? System.nanoTime() : longAgo();
                    refreshing.set(false);
                })
                .subscribe()
                .with(
                        all -> {
                            Standing files = all.getItem4();
                            Standing follower = course.rule() == null
                                    ? null
                                    : course.rule().phase().primary() == StoreName.JSON ? all.getItem5() : files;
                            Known last = known;
                            Standing.FollowerState lastFollower =
                                    last.epoch() == course.epoch() ? last.follower() : null;
                            known = new Known(
                                    course.epoch(),
                                    all.getItem1(),
                                    all.getItem2() == null ? last.postgresEntries() : all.getItem2(),
                                    all.getItem3() == null ? last.head() : all.getItem3(),
                                    files == null ? last.jsonPosition() : files.position(),
                                    follower == null ? lastFollower : follower.followerState());
                        },
                        failure -> {});
    }

    private static <T> Uni<T> orNull(Uni<T> question, boolean ask) {
        if (!ask) {
            return Uni.createFrom().nullItem();
        }
        return question.ifNoItem()
                .after(Duration.ofSeconds(10))
                .fail()
                .onFailure()
                .recoverWithNull();
    }
}
