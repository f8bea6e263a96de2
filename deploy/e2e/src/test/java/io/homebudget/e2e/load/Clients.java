package io.homebudget.e2e.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homebudget.e2e.load.Operation.Outcome;
import io.homebudget.e2e.load.Operation.Verb;
import io.homebudget.e2e.stack.Api;
import io.homebudget.e2e.stack.Stack;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;

/**
 * Clients at a constant rate through the front door. Open model: a request goes out when it is due, however long others take,
 * and its time counts from then; so waiting is not hidden. Every written value is unique, so that the end can be explained.
 */
public final class Clients implements AutoCloseable {
    /** Longer than any promise; a request beyond it counts as unknown. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final int WARM_UP_FROM = 5_000_000;

    private static final String TEXT = "\u20aa \u05e9\u05dc\u05d5\u05dd \"\\/ \ud83d\ude00 \u2028";

    private final String base;
    /** Where numbers begin, so that no two loads on one system write the same values. */
    private final int first;

    private final int perSecond;
    private final List<String> kinds;
    private final Random random;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final List<Operation> operations = new ArrayList<>();
    private final Map<String, List<Long>> live = new TreeMap<>();
    private final Map<String, Map<Long, Row>> initial = new TreeMap<>();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final Thread pacer = new Thread(this::pace, "clients");
    private volatile boolean going = true;

    private Clients(Stack stack, int perSecond, long seed, int first, List<String> kinds) {
        this.base = stack.url("front-door");
        this.first = first;
        this.perSecond = perSecond;
        this.kinds = kinds;
        this.random = new Random(seed);
    }

    /** Reads what is there, then starts. */
    public static Clients start(Stack stack, int perSecond, long seed, String... kinds)
            throws IOException, InterruptedException {
        return start(stack, perSecond, seed, 0, kinds);
    }

    private static Clients start(Stack stack, int perSecond, long seed, int first, String... kinds)
            throws IOException, InterruptedException {
        Clients clients = new Clients(stack, perSecond, seed, first, List.of(kinds));
        for (String kind : kinds) {
            Map<Long, Row> rows = new TreeMap<>();
            for (JsonNode node : Api.of(stack, "front-door", null)
                    .get("/api/v1/" + kind)
                    .must(200)
                    .json()) {
                Row row = Row.of(node);
                rows.put(row.id(), row);
            }
            clients.initial.put(kind, rows);
            clients.live.put(kind, new ArrayList<>(rows.keySet()));
        }
        clients.pacer.start();
        return clients;
    }

    private void pace() {
        long interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
        long due = System.nanoTime();
        while (going) {
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            send(next(due));
            due += interval;
        }
    }

    private Operation next(long due) {
        String kind = kinds.get(random.nextInt(kinds.size()));
        int number = first + count();
        int dice = random.nextInt(100);
        List<Long> ids = live.get(kind);
        synchronized (live) {
            if (dice < 30 || ids.size() < 20) {
                Map<String, String> fields = new TreeMap<>(Map.of(
                        "date",
                        String.format("20%02d-%02d-%02d", number % 30, 1 + number % 12, 1 + number % 28),
                        Row.MARK,
                        "c" + number,
                        "amount",
                        amount(number),
                        "account",
                        "a" + number,
                        "notes",
                        "n" + number + TEXT));
                return new Operation(
                        number,
                        kind,
                        Verb.CREATE,
                        List.of(),
                        fields,
                        dice % 2 == 0 ? UUID.randomUUID().toString() : null,
                        due);
            }
            if (dice < 55) {
                String field = List.of("amount", "account", "notes").get(random.nextInt(3));
                return new Operation(
                        number, kind, Verb.PATCH, List.of(any(ids)), Map.of(field, value(field, number)), null, due);
            }
            if (dice < 72) {
                Map<String, String> fields = new TreeMap<>();
                for (String field : List.of("amount", "account", "notes")) {
                    if (fields.isEmpty() || random.nextBoolean()) {
                        fields.put(field, value(field, number));
                    }
                }
                return new Operation(number, kind, Verb.PUT, List.of(any(ids)), fields, null, due);
            }
            if (dice < 80) {
                return new Operation(number, kind, Verb.DELETE, List.of(take(ids)), Map.of(), null, due);
            }
            if (dice < 82) {
                return new Operation(
                        number, kind, Verb.BULK_DELETE, List.of(take(ids), take(ids), take(ids)), Map.of(), null, due);
            }
            return new Operation(number, kind, Verb.READ, List.of(any(ids)), Map.of(), null, due);
        }
    }

    private long any(List<Long> ids) {
        return ids.get(random.nextInt(ids.size()));
    }

    /** Deleted once only: what comes for it later must find it absent. */
    private long take(List<Long> ids) {
        int at = random.nextInt(ids.size());
        long id = ids.get(at);
        ids.set(at, ids.get(ids.size() - 1));
        ids.remove(ids.size() - 1);
        return id;
    }

    private static String value(String field, int number) {
        return switch (field) {
            case "amount" -> amount(number);
            case "account" -> "a" + number;
            default -> "n" + number + TEXT;
        };
    }

    private static String amount(int number) {
        return Row.amount(BigDecimal.valueOf(1_000_000L + number, 2));
    }

    private void send(Operation operation) {
        synchronized (operations) {
            operations.add(operation);
        }
        inFlight.incrementAndGet();
        operation.sent = System.nanoTime();
        http.sendAsync(request(operation), HttpResponse.BodyHandlers.ofString()).whenComplete((response, failure) -> {
            long now = System.nanoTime();
            try {
                record(operation, response, failure);
            } finally {
                operation.answered = now;
                operation.ended = now;
                inFlight.decrementAndGet();
            }
        });
    }

    private HttpRequest request(Operation operation) {
        String path = base + "/api/v1/" + operation.kind;
        HttpRequest.Builder request = HttpRequest.newBuilder().timeout(PATIENCE);
        switch (operation.verb) {
            case CREATE -> {
                request.uri(URI.create(path)).POST(body(fields(operation)));
                if (operation.key != null) {
                    request.header("Idempotency-Key", operation.key);
                }
            }
            case PATCH -> {
                String field = operation.fields.keySet().iterator().next();
                ObjectNode patch = Api.JSON.createObjectNode().put("field", field);
                patch.set("value", fields(operation).get(field));
                request.uri(URI.create(path + "/" + operation.ids.get(0))).method("PATCH", body(patch));
            }
            case PUT ->
                request.uri(URI.create(path + "/" + operation.ids.get(0))).PUT(body(fields(operation)));
            case DELETE ->
                request.uri(URI.create(path + "/" + operation.ids.get(0))).DELETE();
            case BULK_DELETE ->
                request.uri(URI.create(path + "/bulk-delete"))
                        .POST(body(Api.JSON.valueToTree(Map.of("ids", operation.ids))));
            case READ ->
                request.uri(URI.create(path + "/" + operation.ids.get(0))).GET();
        }
        if (operation.verb != Verb.READ && operation.verb != Verb.DELETE) {
            request.header("Content-Type", "application/json");
        }
        return request.build();
    }

    private static ObjectNode fields(Operation operation) {
        ObjectNode node = Api.JSON.createObjectNode();
        operation.fields.forEach((field, value) -> {
            if (field.equals("amount")) {
                node.put(field, new BigDecimal(value));
            } else {
                node.put(field, value);
            }
        });
        return node;
    }

    private static HttpRequest.BodyPublisher body(JsonNode node) {
        return HttpRequest.BodyPublishers.ofString(node.toString());
    }

    private void record(Operation operation, HttpResponse<String> response, Throwable failure) {
        if (failure != null) {
            operation.detail = failure.toString();
            operation.outcome = Outcome.UNKNOWN;
            return;
        }
        operation.servedBy = response.headers().firstValue("X-Ledger-Served-By").orElse(null);
        switch (response.statusCode()) {
            case 200 -> acknowledged(operation, response);
            case 404 -> operation.outcome = operation.verb == Verb.CREATE ? Outcome.WRONG : Outcome.ABSENT;
            case 503 -> {
                operation.detail = response.body();
                operation.outcome = response.headers().firstValue("Retry-After").isPresent()
                        ? Outcome.NOT_WRITTEN
                        : Outcome.UNKNOWN;
            }
            default -> {
                operation.detail = response.statusCode() + " " + response.body();
                operation.outcome = Outcome.WRONG;
            }
        }
    }

    private void acknowledged(Operation operation, HttpResponse<String> response) {
        try {
            JsonNode body = Api.JSON.readTree(response.body());
            operation.body = operation.verb == Verb.READ ? body : body.path(operation.kind);
            if (operation.verb == Verb.CREATE) {
                operation.createdId = operation.body.path("id").asLong(-1);
                synchronized (live) {
                    live.get(operation.kind).add(operation.createdId);
                }
            }
            operation.outcome = Outcome.ACKNOWLEDGED;
        } catch (IOException e) {
            operation.detail = "not JSON: " + response.body();
            operation.outcome = Outcome.WRONG;
        }
    }

    public int count() {
        synchronized (operations) {
            return operations.size();
        }
    }

    /** Lets a system that was just started load and compile its classes; what it writes is there when clients start. */
    public static void warmUp(Stack stack, int requests) throws IOException, InterruptedException {
        warmUp(stack, 50, requests);
    }

    /** As {@link #warmUp(Stack, int)}, as fast as it shall work later. */
    public static void warmUp(Stack stack, int perSecond, int requests) throws IOException, InterruptedException {
        for (String kind : Stack.KINDS) {
            try (Clients clients = start(stack, perSecond, 99, WARM_UP_FROM, kind)) {
                clients.awaitWorking(kind, requests);
                clients.stop();
            }
        }
    }

    /** Waits until that many more requests of the kind were acknowledged: the clients are at work again. */
    public void awaitWorking(String kind, int more) {
        long from;
        synchronized (operations) {
            from = operations.size();
        }
        Awaitility.await("clients are served")
                .atMost(Duration.ofSeconds(180))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> operationsSince((int) from).stream()
                                .filter(operation ->
                                        operation.kind.equals(kind) && operation.writes() && operation.acknowledged())
                                .count()
                        >= more);
    }

    public List<Operation> operationsSince(int first) {
        synchronized (operations) {
            return List.copyOf(operations.subList(first, operations.size()));
        }
    }

    /** Stops sending, waits for what is on its way, and repeats with its key what was created or not. */
    public History stop() throws InterruptedException {
        going = false;
        pacer.join();
        Awaitility.await("every request has ended")
                .atMost(PATIENCE.plusSeconds(10))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> inFlight.get() == 0);
        return new History(operationsSince(0), initial);
    }

    /** Repeats every create of unknown outcome that has a key: it must succeed, and must not have made a second entry. */
    public void settle() throws InterruptedException {
        for (Operation operation : operationsSince(0)) {
            if (operation.verb == Verb.CREATE && operation.outcome == Outcome.UNKNOWN && operation.key != null) {
                Awaitility.await("a repeat with the same key: " + operation)
                        .atMost(Duration.ofSeconds(30))
                        .ignoreExceptions()
                        .until(() -> {
                            record(
                                    operation,
                                    http.send(request(operation), HttpResponse.BodyHandlers.ofString()),
                                    null);
                            return operation.acknowledged();
                        });
                operation.ended = System.nanoTime();
            }
        }
    }

    @Override
    public void close() {
        going = false;
    }
}
