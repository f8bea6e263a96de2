package io.homebudget.backup.restore;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.FolderOwner;
import io.homebudget.backup.checking.Checker;
import io.homebudget.backup.format.DamagedSnapshot;
import io.homebudget.backup.format.EntryStream;
import io.homebudget.backup.format.Flaw;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.format.SnapshotReader;
import io.homebudget.backup.format.StoreImage;
import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.jobs.JobOrder;
import io.homebudget.backup.jobs.JobRunner;
import io.homebudget.backup.jobs.JobWork;
import io.homebudget.backup.jobs.Progress;
import io.homebudget.backup.ledgers.LedgerTrouble;
import io.homebudget.backup.ledgers.Ledgers;
import io.homebudget.backup.problems.Refused;
import io.homebudget.backup.remote.Transfers;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.BackfillState;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.internal.RestoreOrder;
import io.homebudget.ledger.internal.RestoreOrder.Mode;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Takes ledgers back to a snapshot.
 *
 * <p>Order: every byte of the snapshot is proven, else nothing is done; a safety snapshot is made; the rows of every kind are staged in its
 * ledger service, each of them proven as it is read, else nothing is done; then kind after kind is applied under its ledger's
 * fence. A failure between two kinds leaves the first one restored and says so, naming the safety snapshot, which has both.
 * What was staged and not applied is discarded.
 */
public final class Restores {
    public static final String RESTORE = "restore";
    private static final long LOOK_MILLIS = 200;
    /** The ledger looks who rules every few seconds. */
    private static final long RULING_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final long BACKFILL_NANOS = TimeUnit.HOURS.toNanos(1);

    private final FolderOwner owner;
    private final JobRunner runner;
    private final Catalogue catalogue;
    private final Transfers transfers;
    private final Checker checker;
    private final Safety safety;
    private final Ledgers ledgers;
    private final Function<Kind, LedgerCalls> calls;

    public Restores(
            FolderOwner owner,
            JobRunner runner,
            Catalogue catalogue,
            Transfers transfers,
            Checker checker,
            Safety safety,
            Ledgers ledgers,
            Function<Kind, LedgerCalls> calls) {
        this.owner = owner;
        this.runner = runner;
        this.catalogue = catalogue;
        this.transfers = transfers;
        this.checker = checker;
        this.safety = safety;
        this.ledgers = ledgers;
        this.calls = calls;
    }

    /** @param reason in the words of who asks; null where they gave none */
    public record Order(SnapshotId id, Target target, List<Kind> kinds, String actor, String reason) {}

    /**
     * The job tells {@code backup_id}, {@code safety_backup_id} and per kind what was done.
     *
     * @throws Refused 404 for a snapshot that is not there; 409 for a store that is not in use; 503 where a ledger cannot be asked
     */
    public Job order(Order order) throws IOException {
        owner.require();
        transfers.require(order.id());
        plans(order);
        JobOrder job = new JobOrder(
                RESTORE,
                JobOrder.Lane.MAKING,
                order.actor(),
                order.reason(),
                Map.of(
                        "backup_id", order.id().text(),
                        "store", order.target().word(),
                        "kinds", order.kinds().stream().map(Kind::word).toList()));
        return runner.submit(job, context -> run(order, context));
    }

    private Map<Kind, RestorePlan> plans(Order order) {
        Map<Kind, RestorePlan> plans = new EnumMap<>(Kind.class);
        for (Kind kind : order.kinds()) {
            try {
                RestorePlan plan = RestorePlan.of(ledgers.of(kind).state(), order.target());
                if (plan instanceof RestorePlan.Impossible impossible) {
                    throw Refused.of(LedgerError.CONFLICT, "Nothing was restored: " + impossible.why() + ".");
                }
                plans.put(kind, plan);
            } catch (LedgerTrouble trouble) {
                throw Refused.of(LedgerError.NOT_WRITTEN, "Nothing was restored: " + trouble.getMessage());
            }
        }
        return plans;
    }

    private void run(Order order, JobWork.Context context) throws Exception {
        Undertaking work = new Undertaking("restored");
        Map<Kind, RestorePlan> plans = new EnumMap<>(Kind.class);
        work.run(
                () -> prepare(order, plans, work, context),
                () -> apply(plans, work, context.part(0.65, 0.95), context));
        if (plans.values().stream().anyMatch(plan -> plan instanceof RestorePlan.TakeEverything)) {
            // what was restored was of another installation: a recovery or a drill here needs a snapshot of this one
            safety.first(order.actor(), "after taking " + order.id(), context, context.part(0.95, 1));
        }
    }

    /** @param plans to be filled */
    private void prepare(Order order, Map<Kind, RestorePlan> plans, Undertaking work, JobWork.Context context)
            throws IOException, InterruptedException {
        transfers.local(order.id(), context.part(0, 0.1));
        if (!checker.checkBytes(order.id(), context.part(0.1, 0.15)).isEmpty()) {
            // found damaged only now: its copy, where there is one, takes its place
            transfers.local(order.id(), context.part(0.15, 0.18));
            prove(order.id(), context.part(0.18, 0.2));
        }
        plans.putAll(plans(order));
        boolean losesNothing = plans.values().stream().allMatch(plan -> plan instanceof RestorePlan.TakeEverything);
        if (!losesNothing) {
            work.safety(safety.take(order.actor(), "before restoring " + order.id(), context, context.part(0.2, 0.4)));
        }
        Progress staging = context.part(0.4, 0.65);
        int nth = 0;
        for (Map.Entry<Kind, RestorePlan> one : plans.entrySet()) {
            Progress part = staging.nth(nth++, plans.size());
            if (!(one.getValue() instanceof RestorePlan.RebuildFollower)) {
                stage(order, one.getKey(), one.getValue(), work, part);
            }
        }
    }

    private void apply(Map<Kind, RestorePlan> plans, Undertaking work, Progress progress, JobWork.Context context)
            throws IOException, InterruptedException {
        int nth = 0;
        for (Map.Entry<Kind, RestorePlan> one : plans.entrySet()) {
            Kind kind = one.getKey();
            Progress part = progress.nth(nth++, plans.size());
            if (one.getValue() instanceof RestorePlan.RebuildFollower) {
                context.tell(kind.word(), rebuilt(calls.apply(kind), part));
                work.did(kind);
                continue;
            }
            Undertaking.Applied applied = work.apply(kind, part);
            if (applied.order().mode() == Mode.EVERYTHING) {
                ruledAnew(calls.apply(kind), applied.order().source().epoch(), part);
            }
            context.tell(kind.word(), applied.told());
        }
    }

    /** @throws DamagedSnapshot naming the first file that is not what it was */
    private void prove(SnapshotId id, Progress progress) throws IOException, InterruptedException {
        List<Flaw> flaws = checker.checkBytes(id, progress);
        if (!flaws.isEmpty()) {
            throw new DamagedSnapshot(flaws.get(0));
        }
    }

    private void stage(Order order, Kind kind, RestorePlan plan, Undertaking work, Progress progress)
            throws IOException, InterruptedException {
        try (Catalogue.Hold hold = catalogue
                .hold(order.id())
                .orElseThrow(() -> new IOException("Snapshot " + order.id() + " is not there any more."))) {
            SnapshotReader reader = SnapshotReader.open(hold.folder());
            StoreImage image = reader.manifest()
                    .primaryImage(kind)
                    .orElseThrow(() -> new IOException(
                            "Snapshot " + order.id() + " holds no image of the " + kind.plural() + "."));
            try (EntryStream rows = reader.entries(kind, image.store())) {
                Mode mode = plan instanceof RestorePlan.TakeEverything ? Mode.EVERYTHING : Mode.CHANGES;
                RestoreOrder asked = new RestoreOrder(mode, rows.head(), order.actor(), why(order));
                work.stage(calls.apply(kind), asked, rows::next, image.rows(), progress);
            }
        } catch (DamagedSnapshot damaged) {
            checker.damaged(order.id(), List.of(damaged.flaw()));
            throw damaged;
        }
    }

    /** Until then the ledger may still answer with the empty store that ruled before: a snapshot of that would look good. */
    private static void ruledAnew(LedgerCalls ledger, long beyond, Progress progress)
            throws IOException, InterruptedException {
        long began = System.nanoTime();
        LedgerState state = ledger.state();
        while (state.phase() == null || state.epoch() <= beyond) {
            if (System.nanoTime() - began > RULING_NANOS) {
                throw new IOException("The ledger of the "
                        + ledger.kind().plural()
                        + " does not serve what it took yet. When it does, make a snapshot (ctl backup create) before you rely on"
                        + " recoveries.");
            }
            progress.at(1, "waiting until the ledger of the " + ledger.kind().plural() + " serves what it took");
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            state = ledger.state();
        }
    }

    private static String why(Order order) {
        return "restore of snapshot " + order.id() + (order.reason() == null ? "" : ": " + order.reason());
    }

    private static Map<String, Object> rebuilt(LedgerCalls ledger, Progress progress)
            throws IOException, InterruptedException {
        BackfillState state = ledger.rebuildFollower();
        long began = System.nanoTime();
        while (state.state().equals("running") || state.state().equals("none")) {
            if (System.nanoTime() - began > BACKFILL_NANOS) {
                throw new IOException("The follower of the " + ledger.kind().plural() + " is still being filled.");
            }
            progress.at(state.done() / (double) Math.max(1, state.total()), "filling " + state.target());
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            state = ledger.backfill();
        }
        if (!state.state().equals("succeeded")) {
            throw new IOException(
                    "The follower of the " + ledger.kind().plural() + " was not rebuilt: " + state.error());
        }
        return Map.of("done", "rebuilt", "store", state.target(), "rows", state.total(), "written", state.written());
    }
}
