package io.homebudget.migration.verify;

import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.ledgers.RecordedChange;
import io.homebudget.migration.ledgers.Stores;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compares single entries of both stores by {@link ComparisonRule}, reading in the order that the rule demands. */
final class EntryComparison {
    /** A hot entry gets about two changes between two calls; this leaves room for slow ones. */
    private static final int CHANGES_ASKED = 50;

    /** A version that the log did not show in so many attempts is not in it. */
    private static final int ATTEMPTS = 4;

    /** Entries whose log is asked at the same time. */
    private static final int PARALLEL = 4;

    /** The side that is compared with the primary, read only after it has passed what the primary held. */
    interface OtherSide {
        Uni<List<EntryState>> readOncePassed(Collection<Long> ids);
    }

    private final Stores stores;
    private final StoreName leading;
    private final OtherSide other;
    private final ComparisonRule rule;

    private EntryComparison(Stores stores, StoreName leading, OtherSide other, ComparisonRule rule) {
        this.stores = stores;
        this.leading = leading;
        this.other = other;
        this.rule = rule;
    }

    static EntryComparison ofFollower(Stores stores, StoreName primary, long patienceMillis) {
        StoreName follower = primary.other();
        OtherSide other = ids -> stores.head(primary)
                .chain(head -> stores.awaitFollower(head, patienceMillis))
                .chain(() -> stores.states(follower, ids));
        return new EntryComparison(stores, primary, other, new ComparisonRule(primary, follower));
    }

    /**
     * What a store serves against its own disk. A write is on disk before it is served, so the disk needs no waiting for.
     *
     * @param disk reads ids from the disk
     */
    static EntryComparison ofDisk(Stores stores, OtherSide disk) {
        return new EntryComparison(stores, StoreName.JSON, disk, new ComparisonRule(StoreName.JSON, StoreName.JSON));
    }

    /** The findings among these entries; every other one of them is proven equal. */
    Uni<List<Finding>> compare(Collection<Long> ids) {
        return compare(ids, 1);
    }

    private Uni<List<Finding>> compare(Collection<Long> ids, int attempt) {
        return stores.states(leading, ids)
                .chain(p -> other.readOncePassed(ids).chain(f -> judge(ids, byId(p), byId(f), attempt)));
    }

    private Uni<List<Finding>> judge(
            Collection<Long> ids, Map<Long, EntryState> p, Map<Long, EntryState> f, int attempt) {
        List<Finding> findings = new ArrayList<>();
        List<Long> undecided = new ArrayList<>();
        for (Long id : ids) {
            EntryState ofPrimary = p.get(id);
            EntryState ofFollower = f.get(id);
            if (ofPrimary == null && ofFollower == null) {
                continue;
            }
            Judgement judgement = rule.judge(ofPrimary, ofFollower);
            if (judgement instanceof Judgement.Differs differs) {
                findings.add(differs.finding());
            } else if (judgement instanceof Judgement.AskTheLog) {
                undecided.add(id);
            }
        }
        if (undecided.isEmpty()) {
            return Uni.createFrom().item(findings);
        }
        List<Long> again = new ArrayList<>();
        return Multi.createFrom()
                .iterable(undecided)
                .onItem()
                .transformToUni(id -> askTheLog(p.get(id), f.get(id)).invoke(judgement -> {
                    synchronized (again) {
                        if (judgement instanceof Judgement.Differs differs) {
                            findings.add(differs.finding());
                        } else if (judgement instanceof Judgement.ReadAgain && attempt < ATTEMPTS) {
                            again.add(id);
                        } else if (judgement instanceof Judgement.ReadAgain) {
                            findings.add(rule.withoutLog(p.get(id), f.get(id)));
                        }
                    }
                }))
                .merge(PARALLEL)
                .collect()
                .last()
                .chain(() -> again.isEmpty()
                        ? Uni.createFrom().item(findings)
                        : compare(again, attempt + 1).map(more -> {
                            findings.addAll(more);
                            return findings;
                        }));
    }

    private Uni<Judgement> askTheLog(EntryState p, EntryState f) {
        long id = f.id();
        return stores.changes(id, CHANGES_ASKED)
                .chain(changes -> stores.states(leading, List.of(id)).map(anew -> {
                    Optional<RecordedChange> change = changes.stream()
                            .filter(candidate -> candidate.version() == f.version())
                            .findFirst();
                    return rule.judgeByLog(f, change.orElse(null), anew.isEmpty() ? null : anew.get(0));
                }));
    }

    private static Map<Long, EntryState> byId(List<EntryState> states) {
        Map<Long, EntryState> byId = new HashMap<>();
        states.forEach(state -> byId.put(state.id(), state));
        return byId;
    }
}
