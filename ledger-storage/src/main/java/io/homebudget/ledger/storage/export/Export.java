package io.homebudget.ledger.storage.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.ExportHead;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.TextImage;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One store's full image as lines: head, rows ascending by id, tail. Everything is of one position, which no writer has
 * to wait for. A part is made only when it is asked for, so memory does not grow with the store.
 *
 * <p>The tail is written only after as many rows as the head promised. An export fails, and then has no tail, when the store
 * fails, when its reader takes nothing for {@link Limits#stall}, and after {@link Limits#whole}: a reader must not keep a
 * snapshot open for ever, which would keep PostgreSQL from cleaning up and the JSON store from giving memory back.
 */
public final class Export {
    private static final ObjectMapper JSON = new ObjectMapper()
            .registerModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);
    /** Parts in memory beyond the one that is being written. */
    private static final int READ_AHEAD = 2;

    private final LedgerStore store;
    private final Limits limits;
    private final Executor writers;
    private final Clock clock;

    /** How long a reader may take between two parts, and altogether. */
    public record Limits(Duration stall, Duration whole) {
        public static final Limits USUAL = new Limits(Duration.ofSeconds(50), Duration.ofMinutes(30));
    }

    /** What the head says of the ledger. @param schemaVersion null for the JSON store */
    public record Origin(Kind kind, long epoch, Phase phase, UUID identity, String schemaVersion) {}

    /** @param writers threads on which the lines are made */
    public Export(LedgerStore store, Limits limits, Executor writers, Clock clock) {
        this.store = store;
        this.limits = limits;
        this.writers = writers;
        this.clock = clock;
    }

    /** Fails where the image cannot be begun. The item must be subscribed to once. */
    public Uni<Multi<byte[]>> begin(Origin origin) {
        // read before the image: what is published later is not behind its position
        return store.publishedThrough()
                .chain(published -> store.text(origin.kind(), writers).chain(image -> store.idsThrough()
                        .map(ids -> lines(image, head(origin, image, ids, published)))
                        .onFailure()
                        .invoke(image.close())));
    }

    private ExportHead head(Origin origin, TextImage image, long ids, Optional<Long> published) {
        return new ExportHead(
                ExportHead.FORMAT,
                origin.kind().word(),
                store.name().word(),
                image.position(),
                image.rows(),
                origin.epoch(),
                origin.phase(),
                origin.identity(),
                ids,
                published.map(through -> Math.min(through, image.position())).orElse(null),
                origin.schemaVersion(),
                clock.instant());
    }

    private Multi<byte[]> lines(TextImage image, ExportHead head) {
        Progress progress = new Progress(head, clock.instant().plus(limits.whole()));
        Multi<byte[]> rows = image.parts()
                .filter(part -> part.lines().length > 0)
                // the next part is read while this one is on its way to the reader
                .emitOn(writers, READ_AHEAD)
                .map(progress::part)
                .ifNoItem()
                .after(limits.stall())
                .fail();
        AtomicBoolean asked = new AtomicBoolean();
        // an answer that is never begun
        Uni.createFrom()
                .voidItem()
                .onItem()
                .delayIt()
                .by(limits.stall())
                .subscribe()
                .with(done -> {
                    if (!asked.get()) {
                        image.close().run();
                    }
                });
        return Multi.createBy()
                .concatenating()
                .streams(
                        Multi.createFrom().item(() -> line(head)),
                        rows,
                        Multi.createFrom().item(progress::end))
                .onSubscription()
                .invoke(() -> asked.set(true))
                // also when the reader left before it came to the rows, which nobody then subscribes to
                .onTermination()
                .invoke(image.close());
    }

    private static byte[] line(Object value) {
        try {
            return (JSON.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("heads and tails can always be written", e);
        }
    }

    /** Counts what was written. Parts are made one after the other. */
    private final class Progress {
        private final ExportHead head;
        private final Instant deadline;
        private long entries;
        private long tombstones;

        Progress(ExportHead head, Instant deadline) {
            this.head = head;
            this.deadline = deadline;
        }

        synchronized byte[] part(TextImage.Part part) {
            if (clock.instant().isAfter(deadline)) {
                throw new IllegalStateException("the export took longer than " + limits.whole());
            }
            entries += part.entries();
            tombstones += part.tombstones();
            return part.lines();
        }

        synchronized byte[] end() {
            if (entries + tombstones != head.rows()) {
                throw new IllegalStateException(
                        "the image has " + (entries + tombstones) + " rows, not " + head.rows() + " as it promised");
            }
            return line(new ExportHead.Tail(true, entries, tombstones));
        }
    }
}
