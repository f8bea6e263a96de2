package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.routing.Moving.soon;

import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.homebudget.ledger.storage.testing.Sample;
import io.homebudget.ledger.storage.testing.Witness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that create entries as fast as they are answered, each one after the other. A phase change that meets a machine that
 * stands still may answer that nothing was written: then, and only then, a client repeats its request, and its time goes on.
 */
final class Load implements AutoCloseable {
    /** How the notes of every entry begin that a load makes. */
    static final String NOTES = "load ";

    /** A phase change has about as much in hand before it gives up. */
    private static final Duration STANDSTILL = Duration.ofMillis(300);

    private final RealEngine real;
    private final Map<Long, String> acknowledged;
    private final AtomicInteger left;
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong longestMillis = new AtomicLong();
    private final Witness witness = new Witness();
    private final Witness.Span lasting = witness.begin();
    private final List<Thread> clients = new ArrayList<>();

    private Load(RealEngine real, int clients, int total, Map<Long, String> acknowledged) {
        this.real = real;
        this.acknowledged = acknowledged;
        this.left = new AtomicInteger(total);
        for (int i = 0; i < clients; i++) {
            Thread client = new Thread(this::run, "client-" + i);
            client.setDaemon(true);
            this.clients.add(client);
            client.start();
        }
    }

    /** @param acknowledged is told id and notes of every entry that was acknowledged */
    static Load of(RealEngine real, int clients, int total, Map<Long, String> acknowledged) {
        return new Load(real, clients, total, acknowledged);
    }

    static Load endless(RealEngine real, int clients, Map<Long, String> acknowledged) {
        return new Load(real, clients, Integer.MAX_VALUE, acknowledged);
    }

    /** How long the slowest answer took, without the time in which the machine stood still. */
    long longestMillis() {
        return longestMillis.get();
    }

    /** Waits until every request has been sent and answered. @return what was not acknowledged */
    List<String> join() throws InterruptedException {
        for (Thread client : clients) {
            client.join(RealEngine.LIMIT.toMillis() * 2);
        }
        witness.close();
        return List.copyOf(failures);
    }

    /** No further requests; waits for those under way. @return what was not acknowledged */
    List<String> end() throws InterruptedException {
        left.set(0);
        return join();
    }

    @Override
    public void close() throws InterruptedException {
        end();
    }

    private void run() {
        while (left.getAndDecrement() > 0) {
            String notes = NOTES + UUID.randomUUID();
            Entry draft = Sample.draft(1);
            WriteRequest request = new WriteRequest(
                    new Intent.Create(new Entry(
                            0,
                            draft.date(),
                            null,
                            draft.category(),
                            draft.cents(),
                            draft.account(),
                            draft.currency(),
                            notes)),
                    "user",
                    null);
            Witness.Span answering = witness.begin();
            WriteOutcome outcome = real.write(request);
            if (outcome instanceof WriteOutcome.NotWritten && lasting.stood().compareTo(STANDSTILL) > 0) {
                outcome = soon("taken when repeated")
                        .until(() -> real.write(request), again -> !(again instanceof WriteOutcome.NotWritten));
            }
            longestMillis.accumulateAndGet(answering.elapsed().toMillis(), Math::max);
            if (outcome instanceof WriteOutcome.Written written) {
                acknowledged.put(written.set().changes().get(0).entryId(), notes);
            } else {
                failures.add(outcome.toString());
            }
        }
    }
}
