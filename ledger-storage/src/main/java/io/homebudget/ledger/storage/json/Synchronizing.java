package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.SyncListener;
import io.homebudget.ledger.storage.store.SyncReport;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;

/**
 * One full synchronisation: chunk after chunk through the journal, so that a crash leaves a follower that knows it needs the
 * rest. Until the end the store durably says that it needs a backfill. Memory: eight bytes per row of the image.
 */
final class Synchronizing {
    private static final int REMOVE_AT_ONCE = 1_000;

    private final JournalThread journal;
    private final Following following;
    private final ScheduledExecutorService worker;
    private final Image image;
    private final long standAt;
    private final long epoch;
    private final SyncListener listener;
    private long[] ids = new long[1_024];
    private int rows;
    private long written;

    Synchronizing(
            JournalThread journal,
            Following following,
            ScheduledExecutorService worker,
            Image image,
            long standAt,
            long epoch,
            SyncListener listener) {
        this.journal = journal;
        this.following = following;
        this.worker = worker;
        this.image = image;
        this.standAt = standAt;
        this.epoch = epoch;
        this.listener = listener;
    }

    Uni<SyncReport> run() {
        return stage(following.beginSynchronizing(standAt, epoch)).chain(gap -> image.chunks()
                .onItem()
                .transformToUniAndConcatenate(this::chunk)
                .collect()
                .last()
                .chain(this::removeBeyond)
                .chain(removed -> stage(following.finishSynchronizing(image.position(), standAt, gap, epoch))
                        .replaceWith(() -> new SyncReport(rows, written, rows - written, removed))));
    }

    private <T> Uni<T> stage(JournalThread.Step<T> step) {
        return Uni.createFrom().completionStage(() -> journal.submit(step));
    }

    private Uni<Integer> chunk(List<ImageRow> chunk) {
        if (listener.cancelled()) {
            return Uni.createFrom().failure(new CancellationException("the synchronisation was cancelled"));
        }
        Uni<Integer> done = stage(following.rows(chunk, epoch)).onItem().invoke(count -> {
            remember(chunk);
            written += count;
            listener.staged(rows, image.rows());
        });
        long rest = listener.restMillis();
        return rest <= 0 ? done : done.onItem().delayIt().onExecutor(worker).by(Duration.ofMillis(rest));
    }

    private void remember(List<ImageRow> chunk) {
        if (rows + chunk.size() > ids.length) {
            ids = Arrays.copyOf(ids, Math.max(ids.length * 2, rows + chunk.size()));
        }
        for (ImageRow row : chunk) {
            ids[rows++] = row.id();
        }
    }

    private Uni<Integer> removeBeyond(Integer last) {
        Arrays.sort(ids, 0, rows);
        List<Long> beyond = Following.beyond(journal.view(), ids, rows, epoch);
        List<List<Long>> parts = new ArrayList<>();
        for (int from = 0; from < beyond.size(); from += REMOVE_AT_ONCE) {
            parts.add(beyond.subList(from, Math.min(from + REMOVE_AT_ONCE, beyond.size())));
        }
        return Multi.createFrom()
                .iterable(parts)
                .onItem()
                .transformToUniAndConcatenate(part -> stage(following.remove(part, epoch)))
                .collect()
                .with(Collectors.summingInt(Integer::intValue));
    }
}
