package io.homebudget.ledger.storage.restoring;

import io.homebudget.ledger.internal.ExportHead;
import io.homebudget.ledger.internal.RestoreOrder;
import io.homebudget.ledger.internal.RestoreOrder.Mode;
import io.homebudget.ledger.internal.RestoreState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.routing.Restore;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.RestoreReport;
import io.homebudget.ledger.storage.store.Tombstone;
import io.smallrye.mutiny.Uni;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A restore by a program that holds the stores itself while no service runs. A kill of it is finished by the next start of the
 * service, as with any interrupted restore into files; into PostgreSQL it is one transaction.
 */
public final class OfflineRestore {
    /**
     * Where a damaged store cannot tell how far it came, everything that must never fall jumps by this: nothing that a follower or
     * consumer has seen is newer than what is restored.
     */
    private static final long JUMP = 1_000_000;

    /** Of bytes that are written at once. */
    private static final int PART = 1 << 18;

    private static final long LIMIT_MINUTES = 60;

    private final RestoreFiles files;
    private final Executor workers;

    public OfflineRestore(RestoreFiles files, Executor workers) {
        this.files = files;
        this.workers = workers;
    }

    /** Lines of rows; null after the last. */
    @FunctionalInterface
    public interface Lines {
        String next() throws IOException;
    }

    /** Stages the rows durably. @return what to {@link #apply} */
    public RestoreState stage(ExportHead source, Mode mode, Lines lines, Instant now) throws IOException {
        long rows = 0;
        long last = 0;
        TargetRows target = new TargetRows(source);
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        try (Disk.Writable file = files.newTarget()) {
            for (String line = lines.next(); line != null; line = lines.next()) {
                byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
                last = target.take(bytes, 0, bytes.length, last, kept);
                rows++;
                if (kept.size() >= PART) {
                    file.append(ByteBuffer.wrap(kept.toByteArray()));
                    kept.reset();
                }
            }
            file.append(ByteBuffer.wrap(kept.toByteArray()));
            file.force();
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
        RestoreOrder order = new RestoreOrder(mode, source, "ctl", "restore without the services");
        return new RestoreState(UUID.randomUUID(), RestoreDesk.APPLYING, order, rows, 0, 0, 0, 0, 0, now, null);
    }

    /** The ruling store gets the entries by changes of its own. @param rule that it has decided */
    public RestoreReport changes(RestoreState staged, LedgerStore ruling, Rule rule) throws IOException {
        boolean inSets = ruling.name() == StoreName.JSON;
        long head = done(ruling.head());
        RestoreRecord record = new RestoreRecord(staged, rule.epoch(), head, inSets);
        files.write(record);
        RestoreReport report = done(ruling.restore(
                image(staged),
                RestoreDesk.restoration(staged),
                rule.epoch(),
                () -> CompletableFuture.completedStage(null)));
        over(record, report);
        return report;
    }

    /** A store that is new takes everything, in {@code JSON_ONLY}. */
    public RestoreReport everything(RestoreState staged, LedgerStore json, UUID identity) throws IOException {
        long own = done(json.standing()).decided().map(Rule::epoch).orElse(0L);
        Rule rule = new Rule(Math.max(own, staged.order().source().epoch()) + 1, Phase.JSON_ONLY);
        RestoreRecord record = new RestoreRecord(staged, rule.epoch(), 0, true);
        files.write(record);
        RestoreReport report = done(Restore.taken(json, null, image(staged), staged.order(), rule, identity));
        over(record, report);
        return report;
    }

    /**
     * A store that is new takes the place of a damaged one: as {@link #everything}, with versions, epoch, ids and positions
     * beyond whatever the damaged one may have given. A kill before the end is repeated by hand.
     */
    public RestoreReport insteadOfDamaged(RestoreState staged, LedgerStore json, UUID identity) throws IOException {
        ExportHead source = staged.order().source();
        Rule rule = new Rule(source.epoch() + JUMP, Phase.JSON_ONLY);
        Image plain = image(staged);
        Image beyond =
                new Image(source.position() + JUMP, plain.rows(), plain.chunks().map(chunk -> chunk.stream()
                        .map(row -> beyond(row, rule.epoch()))
                        .toList()));
        ExportHead jumped = new ExportHead(
                source.format(),
                source.kind(),
                source.store(),
                source.position() + JUMP,
                source.rows(),
                source.epoch(),
                source.phase(),
                source.identity(),
                source.idsThrough() + JUMP,
                null,
                source.schemaVersion(),
                source.at());
        RestoreOrder order = new RestoreOrder(
                Mode.EVERYTHING, jumped, staged.order().actor(), staged.order().reason());
        RestoreReport report = done(Restore.taken(json, null, beyond, order, rule, identity));
        files.dropTarget();
        return report;
    }

    private static ImageRow beyond(ImageRow row, long epoch) {
        UUID change = UUID.randomUUID();
        return row.held() == null
                ? new ImageRow(null, new Tombstone(row.id(), row.version() + JUMP, epoch, change))
                : new ImageRow(
                        new Held(
                                row.held().entry(),
                                row.version() + JUMP,
                                epoch,
                                change,
                                row.held().digest()),
                        null);
    }

    private Image image(RestoreState staged) {
        return files.image(staged.order().source(), staged.staged(), workers);
    }

    private void over(RestoreRecord record, RestoreReport report) throws IOException {
        files.write(record.with(RestoreStates.succeeded(record.state(), report, 0)));
        files.dropTarget();
    }

    /** The program has nothing else to do than to wait. */
    private static <T> T done(Uni<T> work) throws IOException {
        try {
            return work.subscribeAsCompletionStage().get(LIMIT_MINUTES, TimeUnit.MINUTES);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("it took longer than " + LIMIT_MINUTES + " minutes", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
