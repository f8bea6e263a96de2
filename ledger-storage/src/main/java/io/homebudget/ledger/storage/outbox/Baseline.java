package io.homebudget.ledger.storage.outbox;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.LogSlice;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;

/**
 * Tells consumers what the log does not. Two cases:
 *
 * <ul>
 *   <li>Entries of an initial file are told as they were in it, at version 1; after that every change follows from the log's
 *       beginning. What an entry was before its first change, that change says itself.
 *   <li>Where the log was cut before it was published, every live entry and tombstone is told as it stands at one position; the
 *       log goes on from there (A43).
 * </ul>
 *
 * Interrupted, it begins again: events come twice then, never out of their entry's order. Blocking; the publisher's thread.
 */
final class Baseline {
    private static final Logger LOG = Logger.getLogger(Baseline.class);
    private static final int BATCH_CHANGES = 1_000;

    private final Kind kind;
    private final Clock clock;
    private final BooleanSupplier closed;
    private final Way way;

    /** Where the events go, and how far the log may be told. */
    interface Way {
        void send(List<ProducerRecord<String, byte[]>> records);

        /** Waits for a moment until the position may be published. @return false where it still may not be */
        boolean mayTell(long position) throws InterruptedException;
    }

    Baseline(Kind kind, Clock clock, BooleanSupplier closed, Way way) {
        this.kind = kind;
        this.clock = clock;
        this.closed = closed;
        this.way = way;
    }

    /** How a baseline ended. */
    enum End {
        DONE,
        /** Not all could be told yet: to be begun again. */
        AGAIN,
        /** The log no longer reaches back to the initial file. */
        CUT
    }

    /** @param goesOnFrom the position from which the log tells the rest */
    record Told(End end, long goesOnFrom) {}

    /** Everything as it stands. */
    Told everything(LedgerStore log, Rule rule) throws InterruptedException, ExecutionException, TimeoutException {
        Image image = Publisher.ask(log.image(0));
        if (!way.mayTell(image.position())) {
            drop(image);
            return new Told(End.AGAIN, 0);
        }
        LOG.infov("publishing a baseline of {0} {1} at position {2}", image.rows(), kind.plural(), image.position());
        boolean whole = tell(image, row -> ChangeEvent.baseline(kind, row, image.position(), rule, clock.instant()));
        return new Told(whole ? End.DONE : End.AGAIN, image.position());
    }

    /** The entries of the initial file, whose ids end at {@code idsThrough}, as they were in it. */
    Told initialFile(LedgerStore log, Rule rule, long idsThrough)
            throws InterruptedException, ExecutionException, TimeoutException {
        Image image = Publisher.ask(log.image(0));
        if (!way.mayTell(image.position())) {
            drop(image);
            return new Told(End.AGAIN, 0);
        }
        LOG.infov("publishing the {0} of the initial file, ids up to {1}", kind.plural(), idsThrough);
        boolean whole = tell(
                image,
                row -> row.id() <= idsThrough && row.held() != null && row.version() == 1
                        ? ChangeEvent.fromFile(kind, row.held().entry(), rule, clock.instant())
                        : null);
        return whole ? changedSince(log, rule, idsThrough, image.position()) : new Told(End.AGAIN, 0);
    }

    /** Those that are no more what they were in the file: their first change has kept it. */
    private Told changedSince(LedgerStore log, Rule rule, long idsThrough, long through)
            throws InterruptedException, ExecutionException, TimeoutException {
        long at = 0;
        while (at < through && !closed.getAsBoolean()) {
            LogSlice slice = Publisher.ask(log.log(at, BATCH_CHANGES));
            if (slice.cut()) {
                return new Told(End.CUT, 0);
            }
            List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
            for (ChangeSet set : slice.sets()) {
                for (Change change : set.changes()) {
                    if (change.entryId() <= idsThrough && change.version() == 2 && change.before() != null) {
                        records.add(ChangeEvent.fromFile(kind, change.before(), rule, clock.instant()));
                    }
                }
            }
            if (!records.isEmpty()) {
                way.send(records);
            }
            if (slice.through() == at) {
                // a gap that is not settled yet
                return new Told(End.AGAIN, 0);
            }
            at = slice.through();
        }
        return new Told(at < through ? End.AGAIN : End.DONE, 0);
    }

    /** What to tell about a row; null for nothing. */
    private interface Event {
        ProducerRecord<String, byte[]> of(ImageRow row);
    }

    /** @return false where the process ends before all is told */
    private boolean tell(Image image, Event event) {
        // closing gives the image up where it is not read to its end, and with it its connection
        try (Stream<List<ImageRow>> chunks =
                image.chunks().subscribe().asStream(4, () -> new ArrayBlockingQueue<>(8))) {
            for (List<ImageRow> chunk : (Iterable<List<ImageRow>>) chunks::iterator) {
                List<ProducerRecord<String, byte[]>> records = new ArrayList<>(chunk.size());
                for (ImageRow row : chunk) {
                    ProducerRecord<String, byte[]> record = event.of(row);
                    if (record != null) {
                        records.add(record);
                    }
                }
                if (!records.isEmpty()) {
                    way.send(records);
                }
                if (closed.getAsBoolean()) {
                    return false;
                }
            }
            return true;
        }
    }

    /** An image holds a connection until it is read or given up. */
    private static void drop(Image image) {
        image.chunks().subscribe().with(chunk -> {}, failure -> {}).cancel();
    }
}
