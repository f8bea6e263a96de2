package io.homebudget.migration.imports;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homebudget.ledger.internal.ImportBatch;
import io.homebudget.migration.ledgers.LedgerAway;
import io.homebudget.migration.ledgers.LedgerService;
import io.homebudget.migration.schema.DatabaseAway;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Takes one body in, batch by batch, on the worker thread that calls {@link #run}. After each batch the row is the checkpoint;
 * killed between a batch and its checkpoint, the same batch is sent again with the same key, and the ledger answers as the first
 * time. A body is read through once before anything of it is offered, so that one that breaks off takes nothing in.
 */
final class Intake {
    /** The ledger forgets keys after 24 h; an hour less, because clocks differ and a batch takes its time. */
    private static final Duration KEYS_REMEMBERED = Duration.ofHours(23);

    /** Nothing that is asked here takes longer without being lost. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(70);

    private static final long FIRST_PAUSE_MILLIS = 250;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;

    private final ImportRow row;
    private final UUID owner;
    private final ImportBook book;
    private final ImportFiles files;
    private final LedgerService ledger;
    private final ImportConfig config;
    private final Duration patience;
    private final Clock clock;
    private final Runnable moved;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final CountDownLatch cancelled = new CountDownLatch(1);

    /** @param moved is called after each checkpoint */
    Intake(
            ImportRow row,
            UUID owner,
            ImportBook book,
            ImportFiles files,
            LedgerService ledger,
            ImportConfig config,
            Duration patience,
            Clock clock,
            Runnable moved) {
        this.row = row;
        this.owner = owner;
        this.book = book;
        this.files = files;
        this.ledger = ledger;
        this.config = config;
        this.patience = patience;
        this.clock = clock;
        this.moved = moved;
    }

    /** The import is somebody else's now, or this process ends: nothing more is written down. */
    static final class Stopped extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** It was cancelled while it waited for an answer; the message says what is not known. */
    static final class Abandoned extends Exception {
        private static final long serialVersionUID = 1L;

        Abandoned(String what, Throwable cause) {
            super(what, cause);
        }
    }

    /** It cannot go on; the message says why and what was taken in. */
    static final class GivenUp extends Exception {
        private static final long serialVersionUID = 1L;

        GivenUp(String why, Throwable cause) {
            super(why, cause);
        }
    }

    void stop() {
        // in this order: whoever sees the second one open must not take it for a cancellation
        stopped.countDown();
        cancelled.countDown();
    }

    /** Ends it behind the batch under way, or soon where the ledger does not answer. */
    void cancel() {
        cancelled.countDown();
    }

    private void throwIfStopped() throws Stopped {
        if (stopped.getCount() == 0) {
            throw new Stopped();
        }
    }

    ImportRow row() {
        return row;
    }

    /** @return whether it went to the end; false where it was cancelled on the way */
    boolean run() throws Stopped, Abandoned, GivenUp, InterruptedException {
        try {
            // gone on with: the next batch may have been taken in before, without a checkpoint that says so
            boolean offeredBefore = row.total != null;
            if (row.cancelRequested) {
                cancelled.countDown();
            }
            if (row.total == null) {
                readThrough();
            }
            // also before the first checkpoint: the first batch may have been taken in without one
            if (row.movedAt.plus(KEYS_REMEMBERED).isBefore(clock.instant())) {
                throw new GivenUp(
                        "It stood still for more than " + KEYS_REMEMBERED.toHours() + " h after record " + row.done
                                + ", and the ledger does not remember whether it has the next batch. Look at the ledger, "
                                + "then import the rest of the file.",
                        null);
            }
            return takeIn(offeredBefore);
        } catch (Unreadable e) {
            throw new GivenUp(e.getMessage() + ". Nothing of it was taken in.", e);
        } catch (IOException e) {
            throw new GivenUp("The body cannot be read: " + e.getMessage(), e);
        }
    }

    private void readThrough() throws IOException, Unreadable, Stopped, GivenUp, InterruptedException {
        long total = 0;
        long highest = 0;
        String columns = null;
        try (ItemReader reader = ItemReader.of(Format.ofWord(row.format), files.body(row.id))) {
            for (Item item = reader.next(); item != null; item = reader.next()) {
                total++;
                highest = Math.max(highest, wanted(item));
                throwIfStopped();
            }
            if (reader instanceof TableReader table) {
                columns = String.join("\n", table.columns());
            }
        }
        row.total = total;
        row.highestWanted = highest;
        row.columns = columns;
        save();
    }

    /** The id that may be granted to the record; 0 where it asks for none. */
    private static long wanted(Item item) {
        if (!(item instanceof Item.Good good)) {
            return 0;
        }
        JsonNode id = good.record().path("id");
        boolean possible = id.isIntegralNumber() && id.canConvertToLong() && id.longValue() <= ImportBatch.HIGHEST_KEPT;
        return possible ? id.longValue() : 0;
    }

    /** @param unsettled whether the first batch is offered even where it is cancelled: its key settles what became of it */
    private boolean takeIn(boolean unsettled)
            throws IOException, Unreadable, Stopped, Abandoned, GivenUp, InterruptedException {
        Path body = files.body(row.id);
        boolean offeredBefore = unsettled;
        try (ItemReader reader = ItemReader.of(Format.ofWord(row.format), body);
                LineLog rejects = new LineLog(files.rejects(row.id), row.rejectsBytes);
                LineLog renumbered = new LineLog(files.renumbered(row.id), row.renumberedBytes)) {
            for (long i = 0; i < row.done; i++) {
                reader.next();
            }
            List<Item> batch = nextBatch(reader);
            while (!batch.isEmpty()) {
                if (cancelled.getCount() == 0 && !offeredBefore) {
                    throwIfStopped();
                    return false;
                }
                offer(batch, rejects, renumbered);
                offeredBefore = false;
                batch = nextBatch(reader);
            }
            return true;
        }
    }

    /** The same for the same place in the same body: its key stands for its records. */
    private List<Item> nextBatch(ItemReader reader) throws IOException, Unreadable {
        List<Item> batch = new ArrayList<>();
        long bytes = 0;
        while (batch.size() < config.batch() && bytes < config.batchBytes()) {
            Item item = reader.next();
            if (item == null) {
                break;
            }
            batch.add(item);
            bytes += item instanceof Item.Good good ? good.size() : 0;
        }
        return batch;
    }

    private void offer(List<Item> batch, LineLog rejects, LineLog renumbered)
            throws IOException, Stopped, Abandoned, GivenUp, InterruptedException {
        List<JsonNode> records = new ArrayList<>();
        batch.forEach(item -> {
            if (item instanceof Item.Good good) {
                records.add(good.record());
            }
        });
        List<ImportBatch.Outcome> outcomes = List.of();
        if (!records.isEmpty()) {
            ImportBatch order =
                    new ImportBatch("import", "import-" + row.id + "-" + row.done, records, row.highestWanted);
            outcomes = offered(order).outcomes();
        }
        if (outcomes.size() != records.size()) {
            throw new GivenUp(
                    "The ledger answered " + outcomes.size() + " outcomes for " + records.size() + " records.", null);
        }
        int at = 0;
        for (Item item : batch) {
            if (item instanceof Item.Bad bad) {
                reject(bad, rejects);
            } else if (item instanceof Item.Good good) {
                decided(good, outcomes.get(at++), rejects, renumbered);
            }
        }
        row.done += batch.size();
        row.rejectsBytes = rejects.commit();
        row.renumberedBytes = renumbered.commit();
        save();
        moved.run();
    }

    private void decided(Item.Good good, ImportBatch.Outcome outcome, LineLog rejects, LineLog renumbered) {
        if (outcome.id() == null) {
            reject(new Item.Bad(good.line(), outcome.field(), outcome.reason(), good.original(), null), rejects);
            return;
        }
        row.accepted++;
        if (outcome.wanted() != null && !outcome.wanted().equals(outcome.id())) {
            row.renumbered++;
            ObjectNode line = JsonNodeFactory.instance.objectNode();
            line.put(Reject.LINE, good.line());
            line.put("wanted", outcome.wanted());
            line.put("id", outcome.id());
            renumbered.add(line);
        }
    }

    private void reject(Item.Bad bad, LineLog rejects) {
        row.rejected++;
        rejects.add(Reject.of(bad));
    }

    /** Writes the checkpoint, and learns whether the import is to be cancelled. */
    private void save() throws Stopped, GivenUp, InterruptedException {
        row.movedAt = clock.instant();
        row.waitingFor = null;
        boolean mine = patiently(() -> book.update(row.id, owner, stored -> {
            stored.total = row.total;
            stored.highestWanted = row.highestWanted;
            stored.columns = row.columns;
            stored.done = row.done;
            stored.accepted = row.accepted;
            stored.rejected = row.rejected;
            stored.renumbered = row.renumbered;
            stored.rejectsBytes = row.rejectsBytes;
            stored.renumberedBytes = row.renumberedBytes;
            stored.movedAt = row.movedAt;
            stored.waitingFor = null;
            row.cancelRequested = stored.cancelRequested;
        }));
        if (!mine) {
            throw new Stopped();
        }
        if (row.cancelRequested) {
            cancelled.countDown();
        }
    }

    /** Once cancelled, it is asked once more and no longer waited for: the same key settles what a lost answer left open. */
    private ImportBatch.Done offered(ImportBatch order) throws Stopped, Abandoned, GivenUp, InterruptedException {
        Waiting waiting = new Waiting();
        while (true) {
            boolean last = cancelled.getCount() == 0;
            try {
                return answered(() -> ledger.importRecords(order));
            } catch (LedgerAway | DatabaseAway away) {
                throwIfStopped();
                if (last) {
                    throw new Abandoned(
                            "Cancelled while there was no answer: " + away.getMessage() + ". " + row.done
                                    + " records were decided; whether the next ones, at most " + config.batch()
                                    + ", were taken in is not known. Look at the ledger before you import them again.",
                            away);
                }
                if (cancelled.getCount() > 0) {
                    waiting.once(away, cancelled);
                }
            }
        }
    }

    /** Asks again until there is an answer. */
    private <T> T patiently(Supplier<Uni<T>> asked) throws Stopped, GivenUp, InterruptedException {
        Waiting waiting = new Waiting();
        while (true) {
            try {
                return answered(asked);
            } catch (LedgerAway | DatabaseAway away) {
                waiting.once(away, stopped);
                throwIfStopped();
            }
        }
    }

    /** Growing pauses, up to the configured time without any move. */
    private final class Waiting {
        private final long began = System.nanoTime();
        private long pause = FIRST_PAUSE_MILLIS;

        /** @param awaited ends the pause early */
        void once(RuntimeException failure, CountDownLatch awaited) throws GivenUp, InterruptedException {
            if (System.nanoTime() - began > patience.toNanos()) {
                throw new GivenUp(
                        "Nothing moved for " + patience.toSeconds() + " s (MIGRATION_TIMEOUT_SECONDS): "
                                + failure.getMessage() + ". POST .../resume goes on behind record " + row.done + ".",
                        failure);
            }
            row.waitingFor = failure.getMessage();
            moved.run();
            awaited.await(pause, TimeUnit.MILLISECONDS);
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
    }

    /** What is refused ends it; what is away is told by its own exception. */
    private <T> T answered(Supplier<Uni<T>> asked) throws Stopped, GivenUp, InterruptedException {
        try {
            return answer(asked.get());
        } catch (LedgerAway | DatabaseAway away) {
            throw away;
        } catch (RuntimeException refused) {
            throw new GivenUp(
                    refused.getMessage() + ". " + row.done + " records were decided before; the rest was not offered.",
                    refused);
        }
    }

    private <T> T answer(Uni<T> asked) throws Stopped, InterruptedException {
        throwIfStopped();
        try {
            return asked.subscribeAsCompletionStage().get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new LedgerAway(ledger.kind(), "no answer in time", e);
        }
    }
}
