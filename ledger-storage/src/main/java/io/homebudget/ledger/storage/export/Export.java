package io.homebudget.ledger.storage.export;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.ExportHead;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * One store's full image as lines of JSON: head, rows ascending by id, tail. Everything is of one position, which no writer has
 * to wait for. A part is made only when it is asked for, so memory does not grow with the store.
 *
 * <p>The tail is written only after as many rows as the head promised. An export fails, and then has no tail, when the store
 * fails, when its reader takes nothing for {@link Limits#stall}, and after {@link Limits#whole}: a reader must not keep a
 * snapshot open for ever, which would keep PostgreSQL from cleaning up and the JSON store from giving memory back.
 */
public final class Export {
    private final LedgerStore store;
    private final Limits limits;
    private final Clock clock;

    /** How long a reader may take between two parts, and altogether. */
    public record Limits(Duration stall, Duration whole) {
        public static final Limits USUAL = new Limits(Duration.ofSeconds(50), Duration.ofMinutes(30));
    }

    /** What the head says of the ledger. @param schemaVersion null for the JSON store */
    public record Origin(Kind kind, long epoch, Phase phase, UUID identity, String schemaVersion) {}

    public Export(LedgerStore store, Limits limits, Clock clock) {
        this.store = store;
        this.limits = limits;
        this.clock = clock;
    }

    /** Fails where the image cannot be begun. The item must be subscribed to once. */
    public Uni<Multi<byte[]>> begin(Origin origin) {
        // read before the image: what is published later is not behind its position
        return store.publishedThrough().chain(published -> store.image(0).chain(image -> store.idsThrough()
                .map(ids -> lines(image, head(origin, image, ids, published)))
                .onFailure()
                .call(failure -> abandon(image))));
    }

    /** An image that nobody reads would keep its connection. */
    private static Uni<Void> abandon(Image image) {
        return Uni.createFrom().item(() -> {
            image.chunks().subscribe().with(chunk -> {}).cancel();
            return null;
        });
    }

    private ExportHead head(Origin origin, Image image, long ids, Optional<Long> published) {
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

    private Multi<byte[]> lines(Image image, ExportHead head) {
        Progress progress = new Progress(head, clock.instant().plus(limits.whole()));
        Multi<byte[]> rows = image.chunks()
                .filter(chunk -> !chunk.isEmpty())
                .map(progress::part)
                .ifNoItem()
                .after(limits.stall())
                .fail();
        return Multi.createBy()
                .concatenating()
                .streams(
                        Multi.createFrom().item(() -> ImageLines.head(head)),
                        rows,
                        Multi.createFrom().item(progress::end));
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

        synchronized byte[] part(List<ImageRow> rows) {
            if (clock.instant().isAfter(deadline)) {
                throw new IllegalStateException("the export took longer than " + limits.whole());
            }
            for (ImageRow row : rows) {
                if (row.held() != null) {
                    entries++;
                } else {
                    tombstones++;
                }
            }
            return ImageLines.rows(rows);
        }

        synchronized byte[] end() {
            if (entries + tombstones != head.rows()) {
                throw new IllegalStateException(
                        "the image has " + (entries + tombstones) + " rows, not " + head.rows() + " as it promised");
            }
            return ImageLines.tail(new ExportHead.Tail(true, entries, tombstones));
        }
    }
}
