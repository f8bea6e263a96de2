package io.homebudget.migration.verify;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.discrepancies.DiscrepancyRecorder;
import io.homebudget.migration.discrepancies.Finding;
import io.homebudget.migration.discrepancies.Finding.Place;
import io.homebudget.migration.discrepancies.Look;
import io.homebudget.migration.discrepancies.Origin;
import io.homebudget.migration.ledgers.LedgerService;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.ledgers.Roles;
import io.homebudget.migration.ledgers.Stores.Source;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compares given entries now and records what comes of it: the one way in which events, repairs, shadow reads and later looks
 * judge an entry. When the item comes, everything is durable.
 *
 * <p>Nothing is judged while it may be wrong to: fails with {@link Pending} where a follower does not follow (what it has not
 * got yet is no discrepancy) or the roles of the stores changed meanwhile, with LedgerAway and DatabaseAway where one of those
 * is away. Each time the caller tries again later.
 */
@ApplicationScoped
public class EntryJudge {
    private static final String FOLLOWING = "following";

    private final Ledgers ledgers;
    private final Roles roles;
    private final DiscrepancyRecorder recorder;
    private final MigrationConfig.Verify config;
    private final Clock clock;

    EntryJudge(Ledgers ledgers, Roles roles, DiscrepancyRecorder recorder, MigrationConfig config, Clock clock) {
        this.ledgers = ledgers;
        this.roles = roles;
        this.recorder = recorder;
        this.config = config.verify();
        this.clock = clock;
    }

    /** Entries cannot be judged now; nothing is wrong with them. */
    public static final class Pending extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Pending(String why) {
            super(why);
        }
    }

    /**
     * Judges what both stores serve, or, where one is in use, what that one serves.
     *
     * @param expected per entry a version that it is known to have had; 0 where none is
     * @return what was found, each finding recorded
     */
    public Uni<List<Finding>> judge(Kind kind, Map<Long, Long> expected, Origin origin) {
        LedgerService ledger = ledgers.of(kind);
        Instant began = clock.instant();
        return ledger.state().invoke(before -> judgeable(kind, before)).chain(before -> comparison(ledger, before)
                .compare(expected)
                .call(() -> ledger.state().invoke(after -> unchanged(kind, before, after)))
                .chain(findings -> record(kind, expected.keySet(), findings, Place.SERVED, origin, began)
                        .chain(settled -> settled.overtaken().isEmpty()
                                ? Uni.createFrom().item(findings)
                                : judge(kind, only(expected, settled.overtaken()), origin)
                                        .map(anew -> replaced(findings, settled.overtaken(), anew)))));
    }

    private static Map<Long, Long> only(Map<Long, Long> expected, Set<Long> ids) {
        Map<Long, Long> some = new HashMap<>(expected);
        some.keySet().retainAll(ids);
        return some;
    }

    private static List<Finding> replaced(List<Finding> findings, Set<Long> overtaken, List<Finding> anew) {
        return Stream.concat(findings.stream().filter(finding -> !overtaken.contains(finding.entryId())), anew.stream())
                .collect(Collectors.toList());
    }

    /** Judges what the JSON store would read after a restart; reads a good part of its files. */
    public Uni<List<Finding>> judgeDisk(Kind kind, Collection<Long> ids, Origin origin) {
        LedgerService ledger = ledgers.of(kind);
        Instant began = clock.instant();
        EntryComparison.OtherSide disk = wanted -> Multi.createFrom()
                .iterable(wanted.stream().map(this::bucket).collect(Collectors.toSet()))
                .onItem()
                .transformToUniAndConcatenate(
                        bucket -> ledger.bucket(StoreName.JSON, config.buckets(), bucket, Source.DISK))
                .collect()
                .asList()
                .map(buckets -> buckets.stream()
                        .flatMap(List::stream)
                        .filter(state -> wanted.contains(state.id()))
                        .collect(Collectors.toList()));
        return EntryComparison.ofDisk(ledger, disk)
                .compare(ids)
                .call(findings -> record(kind, ids, findings, Place.DISK, origin, began));
    }

    private int bucket(long id) {
        return (int) (id % config.buckets());
    }

    private Uni<Look.Settled> record(
            Kind kind, Collection<Long> ids, List<Finding> findings, Place place, Origin origin, Instant began) {
        Set<Long> equal = new HashSet<>(ids);
        findings.forEach(finding -> equal.remove(finding.entryId()));
        return recorder.record(kind, new Look(findings, equal, place, origin, null, began, clock.instant()));
    }

    private EntryComparison comparison(LedgerService ledger, LedgerState state) {
        StoreName primary = state.phase().primary();
        return state.phase().dual()
                ? EntryComparison.ofFollower(ledger, primary, config.patience().toMillis())
                : EntryComparison.ofOne(ledger, primary);
    }

    private void judgeable(Kind kind, LedgerState state) {
        if (state.phase() == null) {
            throw new Pending("the phase is not known now");
        }
        if (!state.phase().dual()) {
            return;
        }
        if (!FOLLOWING.equals(state.followerState())) {
            throw new Pending("the follower is not following: " + state.followerState());
        }
        if (!roles.settled(kind, state)) {
            throw new Pending("the stores took these roles a moment ago");
        }
    }

    private void unchanged(Kind kind, LedgerState before, LedgerState after) {
        judgeable(kind, after);
        if (before.epoch() != after.epoch()) {
            throw new Pending("the phase changed meanwhile");
        }
    }
}
