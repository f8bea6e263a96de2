package io.homebudget.backup.jobs;

import io.homebudget.backup.problems.Refused;
import io.homebudget.ledger.error.LedgerError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;

/** Does the jobs, one at a time per lane, on threads that may block. */
public final class JobRunner implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(JobRunner.class);
    /** Waiting jobs per lane: whoever orders more than this does not look at what comes of them. */
    private static final int WAITING = 16;
    /** What an interrupted job gets to remove what it was making. */
    private static final long STOP_SECONDS = 4;

    private final JobBook book;
    private final Clock clock;
    private final Map<JobOrder.Lane, ThreadPoolExecutor> lanes = new EnumMap<>(JobOrder.Lane.class);

    public JobRunner(JobBook book, Clock clock) {
        this.book = book;
        this.clock = clock;
        for (JobOrder.Lane lane : JobOrder.Lane.values()) {
            lanes.put(
                    lane, new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), task -> {
                        Thread thread = new Thread(task, "backup-" + lane.name().toLowerCase(Locale.ROOT));
                        thread.setDaemon(true);
                        return thread;
                    }));
        }
    }

    /**
     * Records the order durably and queues it.
     *
     * @throws Refused where too many wait already
     */
    public Job submit(JobOrder order, JobWork work) throws IOException {
        ThreadPoolExecutor lane = lanes.get(order.lane());
        if (lane.getQueue().remainingCapacity() == 0) {
            throw tooMany();
        }
        Job job = book.add(order);
        try {
            lane.execute(() -> run(job.id(), work));
        } catch (RejectedExecutionException e) {
            book.change(job.id(), one -> one.failed(clock.instant(), "too many jobs were waiting"), true);
            throw tooMany();
        }
        return job;
    }

    /** Whether nothing runs and nothing waits in a lane. */
    public boolean idle(JobOrder.Lane lane) {
        ThreadPoolExecutor executor = lanes.get(lane);
        return executor.getActiveCount() == 0 && executor.getQueue().isEmpty();
    }

    private static Refused tooMany() {
        return Refused.of(
                LedgerError.TOO_MANY_REQUESTS, WAITING + " jobs wait already. See what they are before ordering more.");
    }

    private void run(UUID id, JobWork work) {
        try {
            book.change(id, job -> job.started(clock.instant()), true);
            work.run(new Telling(id));
            book.change(id, job -> job.succeeded(clock.instant()), true);
            LOG.infof("job done: id=%s type=%s", id, type(id));
        } catch (Exception e) {
            fail(id, e);
        } catch (Error e) {
            // a job that nobody works on any more must not look as if it ran
            fail(id, e);
            throw e;
        }
    }

    private void fail(UUID id, Throwable failure) {
        String why = sentence(failure);
        // these carry a sentence that says all; anything else is a mistake of ours, of which the place is to be known
        boolean foreseen = failure instanceof IOException || failure instanceof InterruptedException;
        LOG.errorf(foreseen ? null : failure, "job failed: id=%s type=%s error=%s", id, type(id), why);
        try {
            book.change(id, job -> job.failed(clock.instant(), why), true);
        } catch (IOException e) {
            // the next start finds it unfinished and says so
            LOG.errorf("the end of a job cannot be recorded: id=%s error=%s", id, e.getMessage());
        }
    }

    private String type(UUID id) {
        return book.find(id).map(Job::type).orElse("unknown");
    }

    private static String sentence(Throwable failure) {
        if (failure instanceof InterruptedException) {
            return Job.STOPPED;
        }
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    @Override
    public void close() {
        lanes.values().forEach(ThreadPoolExecutor::shutdownNow);
        for (ThreadPoolExecutor lane : lanes.values()) {
            try {
                if (!lane.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                    LOG.warn("a job did not stop in time; the next start cleans up after it");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** A job's own view of its record. Losing progress is no reason to fail the work; losing a fact is. */
    private final class Telling implements JobWork.Context {
        private final UUID id;

        Telling(UUID id) {
            this.id = id;
        }

        @Override
        public void at(double share, String doing) {
            change(job -> job.at(share, doing), false);
        }

        @Override
        public void tell(String key, Object value) {
            change(job -> job.knowing(key, value), true);
        }

        private void change(UnaryOperator<Job> change, boolean durable) {
            try {
                book.change(id, change, durable);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
