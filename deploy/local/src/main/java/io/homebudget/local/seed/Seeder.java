package io.homebudget.local.seed;

import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.local.http.Answer;
import io.homebudget.local.http.JsonHttp;
import io.homebudget.local.move.ProgressLine;
import io.homebudget.local.move.Stopped;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Creates entries through the API. Each carries an Idempotency-Key, so that a repeat after a lost answer makes no second one. */
public final class Seeder {
    private static final int ATTEMPTS = 30;
    private static final String[] SHOPS = {
        "ampm", "H&M", "Golda", "Keshet Teamim", "IKEA", "Super-Pharm", "Bus", "רמי לוי"
    };
    private static final String[] SPENT = {"Food", "Clothing", "Dining out", "Rent", "Transport", "Health", "Household"
    };
    private static final String[] EARNED = {"Salary", "Refund", "Gift", "Interest", "Side job"};
    private static final String[] ACCOUNTS = {"12345", "54321", "Cash", "1683"};

    private final JsonHttp http;
    private final Kind kind;
    private final Random random;
    private final Semaphore slots;
    private final int concurrency;
    private final ProgressLine progress;
    private final AtomicLong done = new AtomicLong();
    private final AtomicReference<String> failure = new AtomicReference<>();

    public Seeder(JsonHttp http, Kind kind, long seed, int concurrency, ProgressLine progress) {
        this.http = http;
        this.kind = kind;
        this.random = new Random(seed);
        this.concurrency = concurrency;
        this.slots = new Semaphore(concurrency);
        this.progress = progress;
    }

    /** Returns when all are acknowledged; stops at the first that cannot be created. */
    public void create(long count) throws Stopped, InterruptedException {
        for (long i = 0; i < count && failure.get() == null; i++) {
            slots.acquire();
            attempt(entry(), UUID.randomUUID().toString(), 1).whenComplete((ignored, error) -> {
                if (error == null) {
                    done.incrementAndGet();
                } else {
                    failure.compareAndSet(null, String.valueOf(error.getMessage()));
                }
                slots.release();
            });
            if (i % 50 == 0) {
                progress.update("creating " + kind.plural(), 100.0 * done.get() / count, done.get() + " of " + count);
            }
        }
        slots.acquire(concurrency);
        if (failure.get() != null) {
            throw new Stopped(done.get() + " of " + count + " " + kind.plural() + " created, then: " + failure.get());
        }
    }

    private CompletableFuture<Void> attempt(Map<String, Object> entry, String key, int number) {
        return http.postAsync("/api/v1/" + kind.word(), entry, key)
                .handle((answer, error) -> {
                    if (answer != null && answer.ok()) {
                        return CompletableFuture.<Void>completedFuture(null);
                    }
                    boolean passing = answer == null || answer.status() == 503 || answer.status() == 429;
                    if (!passing || number >= ATTEMPTS) {
                        return CompletableFuture.<Void>failedFuture(new IllegalStateException(
                                answer == null ? "no answer (" + error + ")" : answer.reason()));
                    }
                    return later(answer).thenCompose(ignored -> attempt(entry, key, number + 1));
                })
                .thenCompose(next -> next);
    }

    private static CompletableFuture<Void> later(Answer answer) {
        long seconds = answer == null ? 1 : Math.max(1, Math.min(30, answer.retryAfterSeconds()));
        return CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS));
    }

    private Map<String, Object> entry() {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put(
                "date", LocalDate.of(2020, 1, 1).plusDays(random.nextInt(2150)).toString());
        if (kind.has(Field.BUSINESS)) {
            entry.put("business", pick(SHOPS));
        }
        entry.put("category", kind == Kind.EXPENSE ? pick(SPENT) : pick(EARNED));
        entry.put("amount", BigDecimal.valueOf(100 + random.nextInt(200_000), 2));
        entry.put("account", pick(ACCOUNTS));
        entry.put("notes", random.nextInt(4) == 0 ? "seeded" : "");
        return entry;
    }

    private String pick(String[] from) {
        return from[random.nextInt(from.length)];
    }
}
