package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.journal.AppendFailed;
import io.homebudget.ledger.storage.journal.FrameBuffer;
import io.homebudget.ledger.storage.journal.FrameType;
import io.homebudget.ledger.storage.journal.Journal;
import io.homebudget.ledger.storage.store.StoreAway;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.logging.Logger;

/**
 * The one thread that changes a store: takes what is waiting as a batch, decides it command by command on a copy of the view,
 * writes and fsyncs the records of all in one go, then publishes the copy, then answers.
 *
 * <p>Nothing that is not durable is ever seen outside: when a batch fails, its copy is dropped and every command of it is answered
 * accordingly, those that only read the copy included.
 */
final class JournalThread {
    private static final Logger LOG = Logger.getLogger(JournalThread.class);

    private final Journal journal;
    private final int maxBatch;
    private final BlockingQueue<Command<?>> queue;
    private final Executor answers;
    private final Consumer<View> afterBatch;
    private final FrameBuffer frames = new FrameBuffer(1 << 20);
    private final Thread thread;
    private volatile View view;
    private volatile boolean closed;

    JournalThread(Journal journal, View view, JsonStoreConfig config, Executor answers, Consumer<View> afterBatch) {
        this.journal = journal;
        this.view = view;
        this.maxBatch = config.maxBatch();
        this.queue = new ArrayBlockingQueue<>(config.queue());
        this.answers = answers;
        this.afterBatch = afterBatch;
        this.thread = new Thread(this::run, "ledger-journal-" + config.kind().word());
        this.thread.setDaemon(true);
    }

    /** Decides on a view that already holds the batch's earlier commands, and may change it by recording. */
    @FunctionalInterface
    interface Step<T> {
        T run(View draft, Recorder recorder);
    }

    /** Adds records; the caller folds them into the draft by itself. */
    final class Recorder {
        private View draft;

        void record(FrameType type, byte[] payload) {
            frames.add(type, draft.frame + 1, payload);
            draft.frame++;
            if (type != FrameType.CHECKPOINT_INTENT && type != FrameType.CHECKPOINT_DONE) {
                draft.substance = draft.frame;
            }
        }

        void record(FrameType type, Object text) {
            record(type, text.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    private record Command<T>(
            Step<T> step, CompletableFuture<T> future, Function<String, T> notWritten, Function<String, T> unknown) {

        Runnable answerOf(View draft, Recorder recorder) {
            T item = step.run(draft, recorder);
            return () -> future.complete(item);
        }

        Runnable failed(boolean inDoubt, String why, Throwable cause) {
            Function<String, T> outcome = inDoubt ? unknown : notWritten;
            return () -> {
                if (outcome != null) {
                    future.complete(outcome.apply(why));
                } else {
                    future.completeExceptionally(new StoreAway(StoreName.JSON, why, cause));
                }
            };
        }
    }

    void start() {
        thread.start();
    }

    /** What is durable. */
    View view() {
        return view;
    }

    /** Runs a step and fails with {@link StoreAway} where its records did not become durable. */
    <T> CompletableFuture<T> submit(Step<T> step) {
        return submit(step, null, null);
    }

    <T> CompletableFuture<T> submit(Step<T> step, Function<String, T> notWritten, Function<String, T> unknown) {
        Command<T> command = new Command<>(step, new CompletableFuture<>(), notWritten, unknown);
        if (closed) {
            command.failed(false, "it is closed", null).run();
        } else if (!queue.offer(command)) {
            command.failed(false, "too many writes are waiting", null).run();
        } else if (closed && queue.remove(command)) {
            command.failed(false, "it is closed", null).run();
        }
        return command.future();
    }

    private void run() {
        List<Command<?>> batch = new ArrayList<>(maxBatch);
        try {
            while (!closed || !queue.isEmpty()) {
                Command<?> first = queue.poll(100, TimeUnit.MILLISECONDS);
                if (first != null) {
                    batch.add(first);
                    queue.drainTo(batch, maxBatch - 1);
                    runBatch(batch);
                    batch.clear();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closed = true;
            for (Command<?> left = queue.poll(); left != null; left = queue.poll()) {
                left.failed(false, "it is closed", null).run();
            }
        }
    }

    private void runBatch(List<Command<?>> batch) {
        List<Runnable> outcomes = new ArrayList<>(batch.size());
        View draft = view;
        frames.clear();
        for (Command<?> command : batch) {
            View attempt = draft.copy();
            Recorder recorder = new Recorder();
            recorder.draft = attempt;
            int before = frames.size();
            try {
                outcomes.add(command.answerOf(attempt, recorder));
                draft = attempt;
            } catch (RuntimeException e) {
                frames.backTo(before);
                outcomes.add(() -> command.future().completeExceptionally(e));
            } catch (Error e) {
                // nothing of the batch was written; its copy of the view is dropped with it
                LOG.error("the journal thread met an error; nothing was written", e);
                frames.clear();
                outcomes.clear();
                batch.forEach(c -> outcomes.add(c.failed(false, "the store met an error: " + e, e)));
                break;
            }
        }
        if (frames.size() > 0) {
            try {
                journal.append(frames, draft.frame, draft.position);
                view = draft;
                journal.rotateIfLarge(draft.identity.toString(), draft.position, draft.changes);
            } catch (AppendFailed e) {
                LOG.warnf("%d writes of the %s failed: %s", batch.size(), thread.getName(), e.getMessage());
                outcomes.clear();
                batch.forEach(c -> outcomes.add(c.failed(e.unknown(), e.getMessage(), e)));
            } catch (RuntimeException | Error e) {
                LOG.error("the journal thread met an error; the batch is in doubt", e);
                outcomes.clear();
                batch.forEach(c -> outcomes.add(c.failed(true, "the journal failed: " + e, e)));
            }
        }
        answers.execute(() -> outcomes.forEach(Runnable::run));
        afterBatch.accept(view);
    }

    /** Takes nothing more, finishes what waits, and ends. Blocks up to the given time. */
    void close(long millis) throws InterruptedException {
        closed = true;
        thread.join(millis);
    }
}
