package io.homebudget.backup.restore;

import io.homebudget.backup.format.DamagedSnapshot;
import io.homebudget.backup.format.Flaw;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.jobs.Progress;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.RestoreOrder;
import io.homebudget.ledger.internal.RestoreOrder.Mode;
import io.homebudget.ledger.internal.RestoreState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * A work on several ledgers: the rows of all kinds are staged, then kind after kind is applied. Where it fails, what was staged and
 * not applied is removed, and the failure says how far the work came: a foreseen failure stays one, with its cause. For one thread.
 */
public final class Undertaking {
    private final String word;
    private final Map<Kind, Staged> staged = new EnumMap<>(Kind.class);
    private final List<Kind> done = new ArrayList<>();
    /** What a ledger service was told to apply and has not answered for; it goes on with that whatever becomes of this work. */
    private Kind underWay;

    private SnapshotId safety;

    private record Staged(RestoreOrder order, RowUpload upload, RowUpload.Staged rows) {}

    /** One of the two steps. */
    public interface Step {
        void run() throws IOException, InterruptedException;
    }

    /** What came of one kind. */
    public record Applied(RestoreOrder order, RestoreState state) {
        /** What a job tells of it. */
        public Map<String, Object> told() {
            Map<String, Object> told = new LinkedHashMap<>();
            told.put("done", order.mode() == Mode.EVERYTHING ? "taken_whole" : "taken_back");
            told.put("created", state.created());
            told.put("updated", state.updated());
            told.put("deleted", state.deleted());
            told.put("position", state.position());
            told.put("writers_held_ms", state.heldMillis());
            return told;
        }
    }

    /** @param word what is done to ledgers: {@code restored} */
    public Undertaking(String word) {
        this.word = word;
    }

    /** @param staging changes no ledger; {@code applying} does */
    public void run(Step staging, Step applying) throws Exception {
        attempt(staging, this::beforeApplying);
        attempt(applying, this::whileApplying);
    }

    private void attempt(Step step, UnaryOperator<Exception> told) throws Exception {
        try {
            step.run();
        } catch (Exception failure) {
            staged.values().forEach(rows -> rows.upload().discard(rows.rows(), failure));
            throw told.apply(failure);
        }
    }

    /** @param taken has what was there before */
    public void safety(SnapshotId taken) {
        safety = taken;
    }

    /** @param expected about how many rows there are, for the progress */
    public void stage(LedgerCalls ledger, RestoreOrder order, RowLines rows, long expected, Progress progress)
            throws IOException, InterruptedException {
        RowUpload upload = new RowUpload(ledger);
        staged.put(ledger.kind(), new Staged(order, upload, upload.stage(order, rows, expected, progress)));
    }

    /** Applies what was staged of a kind. */
    public Applied apply(Kind kind, Progress progress) throws IOException, InterruptedException {
        Staged rows = staged.get(kind);
        underWay = kind;
        RestoreState state = rows.upload().apply(rows.rows(), progress);
        underWay = null;
        staged.remove(kind);
        did(kind);
        return new Applied(rows.order(), state);
    }

    /** A kind is done, in another way than by rows that were staged. */
    public void did(Kind kind) {
        done.add(kind);
    }

    /** The failure of a work that had not begun to apply anything. */
    private Exception beforeApplying(Exception failure) {
        String nothing = "Nothing was " + word;
        // a job that was interrupted says of itself that it was not done
        if (failure instanceof InterruptedException || sentence(failure).contains(nothing)) {
            return failure;
        }
        if (failure instanceof DamagedSnapshot damaged) {
            Flaw flaw = damaged.flaw();
            return new DamagedSnapshot(new Flaw(flaw.file(), flaw.place(), flaw.what() + ". " + nothing), damaged);
        }
        return saying(nothing + ": " + sentence(failure), failure);
    }

    /** The failure of a work that had begun to apply. */
    private Exception whileApplying(Exception failure) {
        boolean stopped = failure instanceof InterruptedException;
        if (done.isEmpty() && underWay == null && stopped) {
            return failure;
        }
        StringBuilder text = new StringBuilder(
                stopped && underWay != null
                        ? "backup-service was stopped while the " + underWay.plural() + " were being " + word
                                + ", which their ledger service finishes without it. Look at them before you order it again"
                        : sentence(failure));
        if (text.charAt(text.length() - 1) != '.') {
            text.append('.');
        }
        if (!done.isEmpty()) {
            text.append(" Already ").append(word).append(": ");
            text.append(done.stream().map(kind -> "the " + kind.plural()).collect(Collectors.joining(" and ")));
            text.append('.');
        }
        if (safety != null) {
            text.append(" Snapshot ").append(safety).append(" has what was there before.");
        }
        return saying(text.toString(), failure);
    }

    private static Exception saying(String text, Exception failure) {
        return failure instanceof IOException || failure instanceof InterruptedException
                ? new IOException(text, failure)
                : new IllegalStateException(text, failure);
    }

    private static String sentence(Exception failure) {
        if (failure instanceof InterruptedException) {
            return "backup-service was stopped before this was done";
        }
        return failure.getMessage() == null || failure.getMessage().isEmpty()
                ? failure.getClass().getSimpleName()
                : failure.getMessage();
    }
}
