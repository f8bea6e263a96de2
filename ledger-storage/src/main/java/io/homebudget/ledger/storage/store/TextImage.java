package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.rows.RowText;
import io.smallrye.mutiny.Multi;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * An {@link Image} as lines of {@link RowText}, ascending by id.
 *
 * @param parts some hundred kilobytes each, of whole lines; to be subscribed to once
 * @param close gives back what the image holds, whether parts were read or not; harmless when repeated
 */
public record TextImage(long position, long rows, Multi<Part> parts, Runnable close) {
    /** Parts in memory beyond the one that is being made. */
    private static final int READ_AHEAD = 2;

    /** @param entries how many of the lines are live; {@code tombstones} how many are not */
    public record Part(byte[] lines, int entries, int tombstones) {}

    /** @param workers threads on which the lines are made: not those on which the store hands its chunks over */
    public static TextImage of(Kind kind, Image image, Executor workers) {
        AtomicBoolean taken = new AtomicBoolean();
        return new TextImage(
                image.position(),
                image.rows(),
                image.chunks()
                        .onSubscription()
                        .invoke(() -> taken.set(true))
                        .filter(chunk -> !chunk.isEmpty())
                        .emitOn(workers, READ_AHEAD)
                        .map(chunk -> part(kind, chunk)),
                () -> {
                    if (taken.compareAndSet(false, true)) {
                        image.chunks()
                                .subscribe()
                                .with(chunk -> {}, failure -> {})
                                .cancel();
                    }
                });
    }

    private static Part part(Kind kind, List<ImageRow> rows) {
        StringBuilder lines = new StringBuilder(rows.size() * 200);
        int entries = 0;
        for (ImageRow row : rows) {
            RowText.append(kind, row.image(), lines);
            entries += row.held() == null ? 0 : 1;
        }
        return new Part(lines.toString().getBytes(StandardCharsets.UTF_8), entries, rows.size() - entries);
    }
}
