package io.homebudget.backup.drill;

import io.homebudget.backup.catalogue.FolderOwner;
import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.jobs.JobBook;
import io.homebudget.backup.jobs.JobOrder;
import io.homebudget.backup.jobs.JobRunner;
import io.homebudget.backup.jobs.JobWork;
import io.homebudget.ledger.entry.Kind;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Orders drills and tells what came of them. A drill is a job; its {@code rto_seconds} is how long bringing back took. */
public final class Drills {
    public static final String DRILL = "drill";
    static final String SECONDS = "rto_seconds";

    private final FolderOwner owner;
    private final JobRunner runner;
    private final JobBook jobs;
    private final Drill drill;

    public Drills(FolderOwner owner, JobRunner runner, JobBook jobs, Drill drill) {
        this.owner = owner;
        this.runner = runner;
        this.jobs = jobs;
        this.drill = drill;
    }

    public Job order(String actor, String reason) throws IOException {
        owner.require();
        return runner.submit(
                new JobOrder(DRILL, JobOrder.Lane.CHECKING, actor, reason, Map.of("ok", false)), this::run);
    }

    /** Newest first. */
    public List<Job> all() {
        return jobs.all().stream().filter(job -> job.type().equals(DRILL)).toList();
    }

    private void run(JobWork.Context context) throws IOException, InterruptedException {
        int nth = 0;
        for (Kind kind : Kind.values()) {
            long began = System.nanoTime();
            Map<String, Object> told = new LinkedHashMap<>(drill.run(kind, context.nth(nth, Kind.values().length)));
            told.put(SECONDS, (System.nanoTime() - began) / 1e9);
            context.tell(kind.word(), told);
            nth++;
        }
        context.tell("ok", true);
    }

    /** Of the last drill that ended: 1 where it brought the kind back, 0 where not; NaN before the first. */
    public double lastResult(Kind kind) {
        return all().stream()
                .filter(job -> job.state().isFinal())
                .findFirst()
                .map(job -> job.result().containsKey(kind.word()) ? 1d : 0d)
                .orElse(Double.NaN);
    }

    /** How long bringing a kind back took in the last drill that did; NaN before the first. */
    public double lastSeconds(Kind kind) {
        return good(kind)
                .findFirst()
                .map(job -> job.result().get(kind.word()))
                .filter(Map.class::isInstance)
                .map(told -> ((Map<?, ?>) told).get(SECONDS))
                .filter(Number.class::isInstance)
                .map(seconds -> ((Number) seconds).doubleValue())
                .orElse(Double.NaN);
    }

    /** When the last drill that brought a kind back ended, in seconds since 1970; NaN before the first. */
    public double lastAt(Kind kind) {
        return good(kind)
                .filter(job -> job.state().isFinal())
                .findFirst()
                .map(job -> job.finishedAt().toEpochMilli() / 1e3)
                .orElse(Double.NaN);
    }

    /** Newest first; one that still runs may be with the second kind. */
    private Stream<Job> good(Kind kind) {
        return all().stream().filter(job -> job.result().containsKey(kind.word()));
    }
}
