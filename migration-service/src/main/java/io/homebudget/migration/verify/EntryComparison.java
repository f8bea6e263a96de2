package io.homebudget.migration.verify;

import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.discrepancies.Finding;
import io.homebudget.migration.ledgers.RecordedChange;
import io.homebudget.migration.ledgers.Stores;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
    private final Optional<OtherSide> other;
    private final ComparisonRule rule;

    private EntryComparison(Stores stores, StoreName leading, Optional<OtherSide> other, ComparisonRule rule) {
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
        return new EntryComparison(stores, primary, Optional.of(other), ComparisonRule.ofBoth(primary));
    }

    /**
     * What a store serves against its own disk. A write is on disk before it is served, so the disk needs no waiting for.
     *
     * @param disk reads ids from the disk
     */
    static EntryComparison ofDisk(Stores stores, OtherSide disk) {
        return new EntryComparison(stores, StoreName.JSON, Optional.of(disk), ComparisonRule.ofDisk());
    }

    /** The only store in use against what its own changes recorded. */
    static EntryComparison ofOne(Stores stores, StoreName primary) {
        return new EntryComparison(stores, primary, Optional.empty(), ComparisonRule.ofOne(primary));
    }

    /** The findings among these entries; every other one of them is proven equal. */
    Uni<List<Finding>> compare(Collection<Long> ids) {
        Map<Long, Long> expected = new LinkedHashMap<>();
        ids.forEach(id -> expected.put(id, 0L));
        return compare(expected);
    }

    /**
     * As {@link #compare(Collection)}, where it is known that versions were there.
     *
     * @param expected per entry a version that an event told of; 0 where none did
     */
    Uni<List<Finding>> compare(Map<Long, Long> expected) {
        return compare(expected, 1);
    }

    private Uni<List<Finding>> compare(Map<Long, Long> expected, int attempt) {
        Collection<Long> ids = expected.keySet();
        return stores.states(leading, ids).chain(p -> {
            Map<Long, EntryState> leader = byId(p);
            Uni<List<Finding>> found = other.isEmpty()
                    ? Uni.createFrom().item(() -> alone(p))
                    : other.get().readOncePassed(ids).chain(f -> judge(expected, leader, f, attempt));
            List<Long> absent = new ArrayList<>();
            expected.forEach((id, version) -> {
                if (leader.get(id) == null ? version > 0 : leader.get(id).version() < version) {
                    absent.add(id);
                }
            });
            return absent.isEmpty() ? found : found.chain(findings -> lookFor(absent, findings));
        });
    }

    private List<Finding> alone(List<EntryState> states) {
        List<Finding> findings = new ArrayList<>();
        for (EntryState state : states) {
            if (rule.judgeAlone(state) instanceof Judgement.Differs differs) {
                findings.add(differs.finding());
            }
        }
        return findings;
    }

    /** Events told of versions that the primary did not hold: its log says whether it should. */
    private Uni<List<Finding>> lookFor(List<Long> absent, List<Finding> findings) {
        return Multi.createFrom()
                .iterable(absent)
                .filter(id -> findings.stream().noneMatch(finding -> finding.entryId() == id))
                .onItem()
                .transformToUni(id -> stores.changes(id, 1, 0).chain(changes -> stores.states(leading, List.of(id))
                        .map(anew -> rule.judgeExpected(
                                id, anew.isEmpty() ? null : anew.get(0), changes.isEmpty() ? null : changes.get(0)))))
                .merge(PARALLEL)
                .collect()
                .asList()
                .map(more -> {
                    more.forEach(one -> one.ifPresent(findings::add));
                    return findings;
                });
    }

    private Uni<List<Finding>> judge(
            Map<Long, Long> expected, Map<Long, EntryState> p, List<EntryState> others, int attempt) {
        Map<Long, EntryState> f = byId(others);
        Set<Long> repeated = Narrowing.repeated(others);
        List<Finding> findings = new ArrayList<>();
        List<Long> undecided = new ArrayList<>();
        for (Long id : expected.keySet()) {
            EntryState ofPrimary = p.get(id);
            EntryState ofFollower = f.get(id);
            if (ofPrimary == null && ofFollower == null) {
                continue;
            }
            if (repeated.contains(id)) {
                findings.add(rule.repeated(ofPrimary, ofFollower));
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
        Map<Long, Long> again = new LinkedHashMap<>();
        return Multi.createFrom()
                .iterable(undecided)
                .onItem()
                .transformToUni(id -> askTheLog(p.get(id), f.get(id)).invoke(judgement -> {
                    synchronized (again) {
                        if (judgement instanceof Judgement.Differs differs) {
                            findings.add(differs.finding());
                        } else if (judgement instanceof Judgement.ReadAgain && attempt < ATTEMPTS) {
                            again.put(id, expected.get(id));
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
        return stores.changes(id, CHANGES_ASKED, f.version())
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
