package io.homebudget.ledger.storage.restoring;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.internal.ExportHead;
import io.homebudget.ledger.internal.RestoreOrder;
import io.homebudget.ledger.internal.RestoreOrder.Mode;
import io.homebudget.ledger.internal.RestoreState;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.rows.ByteScan;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.routing.LedgerEngine;
import io.homebudget.ledger.storage.routing.Restore;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.InDoubt;
import io.homebudget.ledger.storage.store.Restoration;
import io.homebudget.ledger.storage.store.RestoreReport;
import io.smallrye.mutiny.Uni;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Where a restore is ordered: its target is taken in parts and staged in a file, then applied, or discarded. One at a time; a new
 * order discards one that was only staged. What blocks must be called on a worker.
 */
public final class RestoreDesk {
    private static final Logger LOG = Logger.getLogger(RestoreDesk.class);
    static final String STAGING = "staging";
    static final String APPLYING = "applying";
    private static final String UNKNOWN = "unknown";
    /** Sets read at once when a restore without an answer is looked for. */
    private static final int LOOK = 10_000;

    private static final Duration ROLLED_BACK_AFTER = Duration.ofSeconds(10);

    private final RestoreFiles files;
    private final Supplier<LedgerEngine> engine;
    private final Executor workers;
    private final Clock clock;
    private final Restore.Turn turn = new Recorded();
    private RestoreRecord last;
    private Instant unknownSince;
    private Disk.Writable staging;
    private TargetRows targetRows;
    private long stagedId;

    public RestoreDesk(RestoreFiles files, Supplier<LedgerEngine> engine, Executor workers, Clock clock) {
        this.files = files;
        this.engine = engine;
        this.workers = workers;
        this.clock = clock;
    }

    /** A part or an order that is refused. */
    public static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Refusal refusal;

        Refused(LedgerError error, String detail) {
            super(detail, null, false, false);
            this.refusal = Refusal.of(error, detail);
        }

        public Refusal refusal() {
            return refusal;
        }
    }

    // ---- staging -------------------------------------------------------------------------------------------------

    /** Begins a restore with an empty target. */
    public synchronized RestoreState begin(RestoreOrder order) {
        if (order == null
                || order.mode() == null
                || order.source() == null
                || order.source().phase() == null) {
            throw new Refused(LedgerError.BAD_REQUEST, "mode and source, with its phase, are needed.");
        }
        if (order.source().format() > ExportHead.FORMAT) {
            throw new Refused(
                    LedgerError.BAD_REQUEST,
                    "The rows have format " + order.source().format() + "; this program knows up to "
                            + ExportHead.FORMAT + ".");
        }
        String kind = engine.get().state().kind();
        if (!kind.equals(order.source().kind())) {
            throw new Refused(
                    LedgerError.BAD_REQUEST,
                    "This ledger holds " + kind + ", the rows " + order.source().kind() + ".");
        }
        RestoreRecord before = lastKnown();
        if (before != null && (is(before, APPLYING) || is(before, UNKNOWN))) {
            throw new Refused(
                    LedgerError.CONFLICT, "Restore " + before.state().id() + " is not over. Wait for it, then repeat.");
        }
        try {
            closeStaging();
            staging = files.newTarget();
            targetRows = new TargetRows(order.source());
            stagedId = 0;
            last = new RestoreRecord(
                    new RestoreState(
                            UUID.randomUUID(),
                            STAGING,
                            order,
                            0,
                            0,
                            0,
                            0,
                            0,
                            0,
                            clock.instant().truncatedTo(ChronoUnit.MICROS),
                            null),
                    0,
                    0,
                    false);
            return last.state();
        } catch (IOException e) {
            throw new UncheckedIOException("a restore cannot be staged", e);
        }
    }

    /**
     * Takes a part of the target: whole lines, ascending by id. A part that was taken before is passed over, so a caller without
     * an answer repeats it.
     *
     * @param from how many rows were before it
     */
    public synchronized RestoreState rows(UUID id, long from, byte[] lines) {
        RestoreState state = expect(id, STAGING).state();
        long rows = from;
        int start = 0;
        ByteArrayOutputStream fresh = new ByteArrayOutputStream(lines.length + 1);
        long largest = stagedId;
        while (start < lines.length) {
            int at = ByteScan.find(lines, start, lines.length, '\n');
            if (at > start) {
                if (rows >= state.staged()) {
                    largest = checked(lines, start, at, largest, fresh);
                }
                rows++;
            }
            start = at + 1;
        }
        if (from > state.staged()) {
            throw new Refused(
                    LedgerError.CONFLICT,
                    state.staged() + " rows are staged; the next part begins there, not at " + from);
        }
        if (fresh.size() > 0) {
            append(fresh.toByteArray());
            stagedId = largest;
            last = last.with(RestoreStates.staged(state, rows));
        }
        return last.state();
    }

    private long checked(byte[] lines, int start, int end, long above, ByteArrayOutputStream kept) {
        try {
            return targetRows.take(lines, start, end, above, kept);
        } catch (IllegalArgumentException e) {
            throw new Refused(LedgerError.BAD_REQUEST, e.getMessage());
        }
    }

    private void append(byte[] lines) {
        long size = -1;
        try {
            size = staging.size();
            staging.append(ByteBuffer.wrap(lines));
        } catch (IOException e) {
            truncate(size);
            throw new UncheckedIOException("a part of a restore cannot be staged", e);
        }
    }

    /** A part is there whole or not at all. */
    private void truncate(long size) {
        try {
            staging.truncate(Math.max(0, size));
        } catch (IOException e) {
            last = last.with(
                    RestoreStates.failed(last.state(), "A part could not be staged, and not be taken back either."));
        }
    }

    /** Gives up one that is only staged; its rows leave the disk. Like everything staged, a restart forgets that it was there. */
    public synchronized RestoreState discard(UUID id) {
        RestoreState state = expect(id, STAGING).state();
        // first: whatever becomes of the file, it is applied no more
        last = last.with(RestoreStates.failed(state, "discarded"));
        try {
            closeStaging();
            files.dropTarget();
        } catch (IOException e) {
            throw new UncheckedIOException("the target of a discarded restore cannot be removed", e);
        }
        return last.state();
    }

    private void closeStaging() throws IOException {
        if (staging != null) {
            staging.close();
            staging = null;
        }
    }

    // ---- applying ------------------------------------------------------------------------------------------------

    /** Applies what was staged; how it goes on is told by {@link #state}. */
    public synchronized RestoreState apply(UUID id, long rows) {
        RestoreRecord before = lastKnown();
        if (before != null && before.state().id().equals(id) && !is(before, STAGING)) {
            return before.state();
        }
        RestoreState state = expect(id, STAGING).state();
        if (rows != state.staged()) {
            throw new Refused(LedgerError.CONFLICT, state.staged() + " rows are staged, not " + rows + ".");
        }
        try {
            staging.force();
            closeStaging();
        } catch (IOException e) {
            // a second attempt might report success for what the first one lost (A41)
            last = last.with(RestoreStates.failed(
                    state,
                    "What was staged could not be made durable: " + e.getMessage() + ". Order the restore again."));
            throw new UncheckedIOException("the target of a restore cannot be made durable", e);
        }
        RestoreOrder order = state.order();
        LOG.infov("restore {0} ({1}) asked for by {2}: {3}", id, order.mode(), order.actor(), order.reason());
        last = last.with(RestoreStates.inState(state, APPLYING, null));
        Image target = files.image(order.source(), state.staged(), workers);
        Uni<Restore.Done> run = order.mode() == Mode.EVERYTHING
                ? engine.get().restoreEverything(target, order, turn)
                : engine.get().restore(target, restoration(state), turn);
        run.emitOn(workers).subscribe().with(this::done, this::failed);
        return last.state();
    }

    static Restoration restoration(RestoreState state) {
        return new Restoration(state.id(), state.at(), state.order().source().idsThrough());
    }

    private final class Recorded implements Restore.Turn {
        @Override
        public CompletionStage<Void> begins(long head, long epoch, boolean inSets) {
            return CompletableFuture.runAsync(
                    () -> write(new RestoreRecord(last.state(), epoch, head, inSets)), workers);
        }

        @Override
        public CompletionStage<Void> ends(RestoreReport report, long heldMillis) {
            return CompletableFuture.runAsync(
                    () -> write(last.with(RestoreStates.succeeded(last.state(), report, heldMillis))), workers);
        }
    }

    private synchronized void write(RestoreRecord next) {
        try {
            files.write(next);
            last = next;
        } catch (IOException e) {
            throw new UncheckedIOException("the record of a restore cannot be written", e);
        }
    }

    private synchronized void done(Restore.Done done) {
        last = last.with(RestoreStates.succeeded(last.state(), done.report(), done.heldMillis()));
        over();
        LOG.infov(
                "restore {0} done: {1} created, {2} updated, {3} deleted, writers held {4} ms",
                last.state().id(),
                last.state().created(),
                last.state().updated(),
                last.state().deleted(),
                done.heldMillis());
    }

    private synchronized void failed(Throwable failure) {
        if (failure instanceof InDoubt) {
            if (last.inSets()) {
                last = last.with(RestoreStates.inState(
                        last.state(), APPLYING, "Not finished: a restart of the service finishes it."));
            } else {
                unknown(failure.getMessage());
            }
            return;
        }
        LOG.warn("a restore failed; the ledger is as before", failure);
        last = last.with(RestoreStates.failed(last.state(), String.valueOf(failure.getMessage())));
        over();
    }

    /** The record first: with it, the target is of no more use. */
    private void over() {
        try {
            files.write(last);
            files.dropTarget();
        } catch (IOException e) {
            // what a start would act on was recorded before anybody wrote again: this is about the answer alone
            LOG.error("the end of a restore cannot be recorded", e);
        }
    }

    // ---- asking --------------------------------------------------------------------------------------------------

    /** The restore with this id; one without an outcome is looked for in the log. */
    public Uni<RestoreState> state(UUID id) {
        RestoreRecord now;
        synchronized (this) {
            now = lastKnown();
        }
        if (now == null || !now.state().id().equals(id)) {
            return Uni.createFrom().failure(new Refused(LedgerError.NOT_FOUND, "There is no restore " + id + "."));
        }
        return is(now, UNKNOWN) ? lookedFor(now) : Uni.createFrom().item(now.state());
    }

    private Uni<RestoreState> lookedFor(RestoreRecord of) {
        return happened(of).map(restored -> found(of, restored)).onFailure().recoverWithItem(of.state());
    }

    /** Fails while PostgreSQL does not tell. */
    private Uni<Boolean> happened(RestoreRecord of) {
        if (of.state().order().mode() == Mode.EVERYTHING) {
            // it has no set of its own in the log; it ends with a rule of its own
            return engine.get().store(StoreName.POSTGRES).standing().map(standing -> standing.decided()
                    .filter(rule -> rule.epoch() >= of.epoch())
                    .isPresent());
        }
        return engine.get()
                .primary()
                .map(primary -> primary.log(of.head(), LOOK).map(slice -> slice.sets().stream()
                        .anyMatch(set -> set.id().equals(of.state().id()))))
                .orElseGet(
                        () -> Uni.createFrom().failure(new IllegalStateException("it is not known whose log to ask")));
    }

    /** PostgreSQL has answered; a transaction whose client is gone does not outlive it for long. */
    private synchronized RestoreState found(RestoreRecord of, boolean restored) {
        if (last != of || !restored && clock.instant().isBefore(unknownSince.plus(ROLLED_BACK_AFTER))) {
            return last.state();
        }
        last = of.with(
                restored
                        ? RestoreStates.inState(of.state(), "succeeded", null)
                        : RestoreStates.failed(of.state(), "PostgreSQL rolled it back; the ledger is as before."));
        over();
        return last.state();
    }

    /** After a start: what the record says. A restore in PostgreSQL that was under way has to be looked for. */
    private RestoreRecord lastKnown() {
        if (last == null) {
            try {
                last = files.read().orElse(null);
            } catch (IOException e) {
                throw new UncheckedIOException("the record of a restore cannot be read", e);
            }
            if (last != null && is(last, APPLYING) && !last.inSets()) {
                unknown("The service was stopped meanwhile.");
            }
        }
        return last;
    }

    private void unknown(String why) {
        unknownSince = clock.instant();
        last = last.with(RestoreStates.inState(last.state(), UNKNOWN, why));
    }

    private RestoreRecord expect(UUID id, String state) {
        RestoreRecord known = lastKnown();
        if (known == null || !known.state().id().equals(id)) {
            throw new Refused(LedgerError.NOT_FOUND, "There is no restore " + id + ".");
        }
        if (!is(known, state) || staging == null) {
            throw new Refused(
                    LedgerError.CONFLICT,
                    "Restore " + id + " is " + known.state().state() + ".");
        }
        return known;
    }

    private static boolean is(RestoreRecord record, String state) {
        return record.state().state().equals(state);
    }
}
