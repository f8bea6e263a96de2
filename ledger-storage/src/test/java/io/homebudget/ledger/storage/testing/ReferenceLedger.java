package io.homebudget.ledger.storage.testing;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.routing.Ledger;
import io.homebudget.ledger.storage.store.AuditQuery;
import io.homebudget.ledger.storage.store.Decider;
import io.homebudget.ledger.storage.store.GroupTotal;
import io.homebudget.ledger.storage.store.Grouping;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.store.LoggedChange;
import io.homebudget.ledger.storage.store.StoreAway;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The ledger as simply as it can be said: a map and a list under one lock. It is what the real ones are compared with, and what
 * HTTP tests run against. Everything it says about one write it has from {@link Decider}, as the stores have.
 */
public class ReferenceLedger implements Ledger {
    private final Kind kind;
    private final Clock clock;
    private final Map<Long, Held> entries = new TreeMap<>();
    private final Map<Long, Long> tombstones = new HashMap<>();
    private final List<ChangeSet> log = new ArrayList<>();
    private Rule rule = new Rule(1, Phase.JSON_ONLY);
    private long lastId;
    private WriteOutcome forcedOutcome;
    private RuntimeException failure;
    private boolean readsAway;
    private boolean byFollower;
    private Map<String, String> stores = Map.of("json", "connected", "postgres", "disconnected");
    private List<String> notices = List.of();
    private Recovery recovery;

    public ReferenceLedger(Kind kind, Clock clock) {
        this.kind = kind;
        this.clock = clock;
    }

    // ---- what tests can bring about --------------------------------------------------------------------------------

    public synchronized void reset() {
        entries.clear();
        tombstones.clear();
        log.clear();
        lastId = 0;
        rule = new Rule(1, Phase.JSON_ONLY);
        forcedOutcome = null;
        failure = null;
        readsAway = false;
        byFollower = false;
        stores = Map.of("json", "connected", "postgres", "disconnected");
        notices = List.of();
        recovery = null;
    }

    /** Every write from now on has this outcome and does nothing; null: writes work again. */
    public synchronized void force(WriteOutcome outcome) {
        forcedOutcome = outcome;
    }

    /** Every call from now on fails with this, as with a bug. */
    public synchronized void failWith(RuntimeException bug) {
        failure = bug;
    }

    public synchronized void readsAway(boolean away) {
        readsAway = away;
    }

    public synchronized void byFollower(boolean follower) {
        byFollower = follower;
    }

    public synchronized void stand(Phase phase, String json, String postgres, String... said) {
        rule = phase == null ? null : new Rule(rule == null ? 1 : rule.epoch() + 1, phase);
        stores = Map.of("json", json, "postgres", postgres);
        notices = List.of(said);
    }

    /** From now on the files cannot be trusted, for this reason. */
    public synchronized void recover(Recovery why) {
        recovery = why;
    }

    // ---- the ledger
    // --------------------------------------------------------------------------------------------------

    @Override
    public Kind kind() {
        return kind;
    }

    @Override
    public synchronized Optional<Recovery> recovery() {
        return Optional.ofNullable(recovery);
    }

    @Override
    public Uni<WriteOutcome> write(WriteRequest request) {
        return Uni.createFrom().item(() -> decide(request));
    }

    private synchronized WriteOutcome decide(WriteRequest request) {
        if (failure != null) {
            throw failure;
        }
        if (forcedOutcome != null) {
            return forcedOutcome;
        }
        if (request.key() != null) {
            Instant oldest = clock.instant().minus(Duration.ofHours(24));
            for (ChangeSet set : log) {
                if (set.key() != null
                        && set.key().key().equals(request.key().key())
                        && set.at().isAfter(oldest)) {
                    return set.key().request().equals(request.key().request())
                            ? new WriteOutcome.Written(set, true)
                            : new WriteOutcome.Refused(Decider.KEY_REUSED);
                }
            }
        }
        List<Change> changes = new ArrayList<>();
        Intent intent = request.intent();
        if (intent instanceof Intent.Create create) {
            lastId++;
            changes.add(Decider.create(create.draft(), lastId, tombstones.getOrDefault(lastId, 0L), UUID.randomUUID()));
        } else if (intent instanceof Intent.BulkDelete bulk) {
            for (long id : bulk.ids()) {
                if (entries.containsKey(id)) {
                    changes.add(Decider.deletion(entries.get(id), UUID.randomUUID()));
                }
            }
            if (changes.isEmpty()) {
                return new WriteOutcome.Unchanged(null);
            }
        } else {
            Decider.Decision decision = intent instanceof Intent.Modify modify
                    ? Decider.modify(modify, entries.get(modify.id()), UUID.randomUUID())
                    : Decider.delete(
                            (Intent.Delete) intent, entries.get(((Intent.Delete) intent).id()), UUID.randomUUID());
            if (decision.refusal() != null) {
                return new WriteOutcome.Refused(decision.refusal());
            }
            if (decision.unchanged()) {
                return new WriteOutcome.Unchanged(entries.get(((Intent.Modify) intent).id()));
            }
            changes.add(decision.change());
        }
        return commit(request, changes);
    }

    private WriteOutcome commit(WriteRequest request, List<Change> changes) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        Instant last = log.isEmpty() ? now : log.get(log.size() - 1).at();
        ChangeSet set = new ChangeSet(
                log.size() + 1,
                UUID.randomUUID(),
                rule,
                now.isBefore(last) ? last : now,
                request.by(),
                request.key(),
                changes);
        log.add(set);
        for (Change change : changes) {
            if (change.after() == null) {
                entries.remove(change.entryId());
                tombstones.put(change.entryId(), change.version());
            } else {
                entries.put(change.entryId(), Held.after(change, rule.epoch()));
                tombstones.remove(change.entryId());
            }
        }
        return new WriteOutcome.Written(set, false);
    }

    @Override
    public Uni<Served<Held>> find(long id) {
        return Uni.createFrom().item(() -> answered(held(id)));
    }

    private synchronized Held held(long id) {
        return entries.get(id);
    }

    @Override
    public Uni<Served<Multi<List<Held>>>> list(Listing listing) {
        return Uni.createFrom().item(() -> {
            synchronized (this) {
                return answered(
                        Multi.createFrom().iterable(Selecting.chunks(Selecting.select(entries.values(), listing))));
            }
        });
    }

    @Override
    public Uni<Served<List<GroupTotal>>> summarize(Grouping by, Listing filter) {
        return Uni.createFrom().item(() -> {
            synchronized (this) {
                return answered(Selecting.totals(entries.values(), by, filter));
            }
        });
    }

    @Override
    public Uni<Served<List<LoggedChange>>> audit(AuditQuery query) {
        return Uni.createFrom().item(() -> {
            synchronized (this) {
                return answered(Selecting.changes(log, query));
            }
        });
    }

    private synchronized <T> Served<T> answered(T value) {
        if (failure != null) {
            throw failure;
        }
        if (readsAway) {
            throw new StoreAway(StoreName.JSON, "away, a test said so", null);
        }
        return new Served<>(value, byFollower);
    }

    @Override
    public synchronized LedgerState state() {
        Phase phase = rule == null ? null : rule.phase();
        Map<String, Long> counts = new HashMap<>();
        counts.put("json", (long) entries.size());
        counts.put("postgres", null);
        return new LedgerState(
                kind.word(),
                phase,
                rule == null ? 0 : rule.epoch(),
                phase == null ? null : phase.primary().name().toLowerCase(Locale.ROOT),
                phase == null ? null : phase.follower().map(StoreName::word).orElse(null),
                phase != null && phase.dual() ? "following" : "none",
                true,
                0,
                0,
                0,
                "away",
                counts,
                0,
                0,
                log.size(),
                log.size(),
                false,
                "there is nothing to go back to",
                null,
                stores,
                null,
                null,
                null,
                Instant.EPOCH,
                notices);
    }
}
