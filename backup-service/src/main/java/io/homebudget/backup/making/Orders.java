package io.homebudget.backup.making;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.FolderOwner;
import io.homebudget.backup.checking.Checker;
import io.homebudget.backup.format.Flaw;
import io.homebudget.backup.format.Manifest;
import io.homebudget.backup.format.Reason;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.format.StoreImage;
import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.jobs.JobOrder;
import io.homebudget.backup.jobs.JobRunner;
import io.homebudget.backup.jobs.JobWork;
import io.homebudget.backup.jobs.Progress;
import io.homebudget.backup.remote.Transfers;
import io.homebudget.backup.retention.Cleaner;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What can be ordered of this service, each as a job. Only the owner of the folder takes orders. */
public final class Orders {
    public static final String SNAPSHOT = "snapshot";
    public static final String VERIFY = "verify";
    public static final String RETENTION = "retention";
    public static final String UPKEEP = "upkeep";

    private final FolderOwner owner;
    private final JobRunner runner;
    private final SnapshotMaker maker;
    private final Catalogue catalogue;
    private final Checker checker;
    private final Cleaner cleaner;
    private final Transfers transfers;
    private final int verifyAllWithin;

    public Orders(
            FolderOwner owner,
            JobRunner runner,
            SnapshotMaker maker,
            Catalogue catalogue,
            Checker checker,
            Cleaner cleaner,
            Transfers transfers,
            int verifyAllWithin) {
        this.owner = owner;
        this.runner = runner;
        this.maker = maker;
        this.catalogue = catalogue;
        this.checker = checker;
        this.cleaner = cleaner;
        this.transfers = transfers;
        this.verifyAllWithin = verifyAllWithin;
    }

    /** The job names its {@code backup_id}, and at the end what it holds; a copy elsewhere, where one is configured, belongs to it. */
    public Job snapshot(Reason reason, String actor, String comment) throws IOException {
        owner.require();
        JobOrder order =
                new JobOrder(SNAPSHOT, JobOrder.Lane.MAKING, actor, comment, Map.of("snapshot_reason", reason));
        return runner.submit(order, context -> {
            double local = transfers.configured() ? 0.7 : 1;
            Manifest manifest = maker.make(new SnapshotOrder(reason, actor, comment), narrowed(context, local));
            context.tell("entries", manifest.entries());
            context.tell("bytes", manifest.bytes());
            context.tell("entries_by_store", byStore(manifest));
            transfers.upload(manifest.id(), context.part(local, 1));
        });
    }

    /** Of all images: together with how long it took this says what the next one will take. */
    private static Map<String, Long> byStore(Manifest manifest) {
        return manifest.images().stream()
                .collect(Collectors.groupingBy(
                        image -> image.store().word(), TreeMap::new, Collectors.summingLong(StoreImage::entries)));
    }

    /** The job ends with {@code ok} and {@code problems}. */
    public Job verify(SnapshotId id, String actor) throws IOException {
        owner.require();
        JobOrder order = new JobOrder(VERIFY, JobOrder.Lane.CHECKING, actor, null, Map.of("backup_id", id.text()));
        return runner.submit(order, context -> {
            transfers.local(id, context.part(0, 0.3));
            List<Flaw> flaws = checker.check(id, context.part(0.3, 1));
            context.tell("ok", flaws.isEmpty());
            context.tell("problems", flaws.stream().map(Flaw::toString).toList());
        });
    }

    /** The job ends with {@code removed}. */
    public Job retention(String actor) throws IOException {
        owner.require();
        JobOrder order = new JobOrder(RETENTION, JobOrder.Lane.MAKING, actor, null, Map.of());
        return runner.submit(order, this::clean);
    }

    /**
     * Clears away what no rule keeps, copies what is not copied yet, and verifies the old ones whose turn it is. The job tells
     * {@code verified} and {@code damaged}, and fails where one is damaged, after all of the turn were looked at.
     */
    public Job upkeep(String actor) throws IOException {
        owner.require();
        JobOrder order = new JobOrder(UPKEEP, JobOrder.Lane.MAKING, actor, null, Map.of());
        return runner.submit(order, context -> {
            clean(context);
            Map<SnapshotId, Flaw> damaged = transfers.reconcile(context.part(0.1, 0.4));
            checkTurn(damaged, context, context.part(0.4, 1));
        });
    }

    private void clean(JobWork.Context context) throws IOException {
        context.at(0, "clearing away");
        List<SnapshotId> removed = cleaner.apply(trouble -> context.tell("note", trouble));
        context.tell("removed", removed.stream().map(SnapshotId::text).toList());
    }

    /** @param damaged found before, while they were copied; to be added to */
    private void checkTurn(Map<SnapshotId, Flaw> damaged, JobWork.Context context, Progress progress)
            throws IOException, InterruptedException {
        List<SnapshotId> turn = checker.turn(verifyAllWithin);
        context.tell("verified", turn.stream().map(SnapshotId::text).toList());
        for (int i = 0; i < turn.size(); i++) {
            SnapshotId id = turn.get(i);
            if (catalogue.find(id).isEmpty()) {
                continue;
            }
            checker.check(id, progress.nth(i, turn.size())).stream()
                    .findFirst()
                    .ifPresent(flaw -> damaged.put(id, flaw));
        }
        context.tell("damaged", damaged.keySet().stream().map(SnapshotId::text).toList());
        // only now: a damaged one must not keep those behind it from their turn
        if (!damaged.isEmpty()) {
            Map.Entry<SnapshotId, Flaw> first = damaged.entrySet().iterator().next();
            throw new IOException(damaged.size() + " of the snapshots that were verified or copied are damaged: "
                    + first.getKey() + "/" + first.getValue());
        }
    }

    /** The same context, whose progress ends at {@code share} of the whole. */
    private static JobWork.Context narrowed(JobWork.Context context, double share) {
        Progress part = context.part(0, share);
        return new JobWork.Context() {
            @Override
            public void tell(String key, Object value) {
                context.tell(key, value);
            }

            @Override
            public void at(double done, String doing) {
                part.at(done, doing);
            }
        };
    }
}
