package io.homebudget.ledger.storage.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.ledger.entry.Amounts;
import io.homebudget.ledger.entry.Edit;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.Fault;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.error.Verdict;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.IfMatch;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/** What the tests of the JSON store say again and again. */
final class Stores {
    static final Duration LIMIT = Duration.ofSeconds(30);
    static final Rule FIRST = new Rule(1, Phase.JSON_ONLY);

    private Stores() {}

    static JsonStoreConfig config(Path folder) {
        // checkpoints come only when a test asks for them
        return JsonStoreConfig.of(Kind.EXPENSE, folder)
                .withTimes(Duration.ofHours(1), Duration.ofMillis(0), Duration.ofMillis(500));
    }

    static JsonStore open(Path folder) {
        return open(config(folder), Disk.REAL);
    }

    static JsonStore open(JsonStoreConfig config, Disk disk) {
        return open(config, disk, Clock.systemUTC());
    }

    static JsonStore open(JsonStoreConfig config, Disk disk, Clock clock) {
        try {
            return JsonStore.open(config, clock, UUID::randomUUID, Stores::take, disk);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonStore ruling(Path folder) {
        return ruling(open(folder));
    }

    static JsonStore ruling(JsonStore store) {
        await(store.adopt(FIRST));
        return store;
    }

    static <T> T await(Uni<T> uni) {
        return uni.await().atMost(LIMIT);
    }

    static Entry draft(String notes) {
        return new Entry(0, LocalDate.of(2026, 1, 31), "ampm", "Food", 12_50, "Cash", "\u20aa", notes);
    }

    static WriteRequest create(String notes) {
        return new WriteRequest(new Intent.Create(draft(notes)), "user", null);
    }

    static WriteRequest amount(long id, long cents) {
        return new WriteRequest(
                new Intent.Modify(id, Verdict.accept(new Edit(Map.of(Field.AMOUNT, cents))), IfMatch.NONE),
                "user",
                null);
    }

    static WriteRequest delete(long id) {
        return new WriteRequest(new Intent.Delete(id, IfMatch.NONE), "user", null);
    }

    static WriteOutcome write(JsonStore store, WriteRequest request) {
        return await(store.write(request, 1));
    }

    static WriteOutcome.Written written(JsonStore store, WriteRequest request) {
        WriteOutcome outcome = write(store, request);
        if (outcome instanceof WriteOutcome.Written written) {
            return written;
        }
        throw new AssertionError("not written: " + outcome);
    }

    static long created(JsonStore store, String notes) {
        return written(store, create(notes)).set().changes().get(0).entryId();
    }

    static List<Held> all(JsonStore store) {
        return store.list(Listing.ALL).collect().asList().await().atMost(LIMIT).stream()
                .flatMap(List::stream)
                .toList();
    }

    /** The folder as a crash at this moment would leave it. */
    static Path crashed(Path folder, Path copy) {
        try {
            Files.createDirectories(copy);
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    if (!file.getFileName().toString().equals("ledger.lock")) {
                        Files.copy(file, copy.resolve(file.getFileName()));
                    }
                }
            }
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Path> named(Path folder, String part) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().contains(part))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] resource(String name) {
        try (var in = Stores.class.getResourceAsStream("/home-budget/" + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A small stand-in for the rules of the HTTP API. */
    static Verdict<Entry> take(JsonNode record) {
        try {
            JsonNode amount = record.path("amount");
            Amounts.Reading reading =
                    Amounts.read(amount.isTextual() ? new BigDecimal(amount.asText()) : amount.decimalValue());
            if (!reading.ok() || !amount.isTextual() && !amount.isNumber() || amount.isDouble()) {
                return no("amount");
            }
            return Verdict.accept(new Entry(
                    record.path("id").canConvertToLong() ? record.path("id").asLong() : -1,
                    LocalDate.parse(record.path("date").asText()),
                    record.path("business").textValue(),
                    record.path("category").textValue(),
                    reading.cents(),
                    record.path("account").textValue(),
                    record.path("currency").asText("\u20aa"),
                    record.path("notes").textValue()));
        } catch (RuntimeException e) {
            return no("record");
        }
    }

    private static Verdict<Entry> no(String field) {
        return Verdict.refuse(
                Refusal.invalid(List.of(Fault.inBody(field, "the " + field + " cannot be taken", "value_error"))));
    }
}
