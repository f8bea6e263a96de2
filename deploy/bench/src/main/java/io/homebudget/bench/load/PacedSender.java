package io.homebudget.bench.load;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends creates at a fixed rate from a thread of its own and remembers when each id was acknowledged; for figures that need
 * the ids, which a load generator does not keep, or a load that lasts as long as something else does.
 *
 * <p>Sending never waits for answers. A late send is sent at once, not dropped.
 */
public final class PacedSender implements AutoCloseable {
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI target;
    private final List<String> bodies;
    private final long intervalNanos;
    private final Map<Long, Long> acknowledged = new ConcurrentHashMap<>();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final Thread thread = new Thread(this::pace, "paced-sender");
    private volatile boolean stopping;

    private PacedSender(int port, int perSecond, List<String> bodies) {
        this.target = URI.create("http://127.0.0.1:" + port + "/api/v1/expense");
        this.bodies = bodies;
        this.intervalNanos = 1_000_000_000L / perSecond;
    }

    public static PacedSender start(int port, int perSecond, List<String> bodies) {
        PacedSender sender = new PacedSender(port, perSecond, bodies);
        sender.thread.start();
        return sender;
    }

    /** Stops sending and waits for the answers under way. */
    public void finish() {
        stopping = true;
        try {
            thread.join();
            long end = System.nanoTime() + ANSWER_LIMIT.toNanos();
            while (answered.get() < sent.get() && System.nanoTime() < end) {
                Thread.sleep(5);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Id to {@link System#nanoTime} of its acknowledgement. */
    public Map<Long, Long> acknowledged() {
        return acknowledged;
    }

    public long sent() {
        return sent.get();
    }

    public long failed() {
        return failed.get();
    }

    @Override
    public void close() {
        finish();
    }

    private void pace() {
        long next = System.nanoTime();
        for (int i = 0; !stopping; i++) {
            long wait = next - System.nanoTime();
            if (wait > 0) {
                LockSupport.parkNanos(wait);
                if (System.nanoTime() < next) {
                    i--;
                    continue;
                }
            }
            send(bodies.get(i % bodies.size()));
            next += intervalNanos;
        }
    }

    private void send(String body) {
        HttpRequest request = HttpRequest.newBuilder(target)
                .timeout(ANSWER_LIMIT)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
        sent.incrementAndGet();
        client.sendAsync(request, BodyHandlers.ofString()).whenComplete((response, error) -> {
            long now = System.nanoTime();
            if (error == null && response.statusCode() == 200) {
                acknowledged.put(idIn(response.body()), now);
            } else {
                failed.incrementAndGet();
            }
            answered.incrementAndGet();
        });
    }

    /** The id in the answer to a create; it is the last key, and texts cannot imitate it because their quotes are escaped. */
    static long idIn(String answer) {
        int start = answer.lastIndexOf("\"id\":") + 5;
        int end = start;
        while (end < answer.length() && Character.isDigit(answer.charAt(end))) {
            end++;
        }
        return Long.parseLong(answer.substring(start, end));
    }
}
