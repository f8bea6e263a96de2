package io.homebudget.ledger.storage.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.ledger.storage.journal.Frame;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.Standing.FollowerState;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Consumer;

/** Folds the records of a journal into a view. */
final class Replay implements Consumer<Frame> {
    private final View view;
    private final RecordJson json;
    private final Path folder;

    Replay(View view, RecordJson json, Path folder) {
        this.view = view;
        this.json = json;
        this.folder = folder;
    }

    @Override
    public void accept(Frame frame) {
        try {
            fold(frame);
        } catch (RuntimeException e) {
            throw new RecoveryRequired(
                    folder,
                    -1,
                    "journal record " + frame.number() + " (" + frame.type() + ") cannot be understood: " + e,
                    "It has a right checksum, so this is a fault of the program: start the version that wrote it.");
        }
        view.frame = frame.number();
    }

    private void fold(Frame frame) {
        switch (frame.type()) {
            case CHANGES -> view.fold(json.set(frame.payload()));
            case IMAGE_ROWS -> {
                for (ImageRow row : json.rows(frame.payload())) {
                    view.fold(row);
                }
            }
            case CHECKPOINT_INTENT, CHECKPOINT_DONE -> {
                return;
            }
            default -> foldSmall(frame, RecordJson.tree(frame.payload()));
        }
        view.substance = frame.number();
    }

    private void foldSmall(Frame frame, JsonNode node) {
        switch (frame.type()) {
            case IDS_RAISED -> view.raiseIds(node.path("through").asLong());
            case RULE_DECIDED -> view.decide(RecordJson.rule(node.path("to")));
            case RULE_ADOPTED -> view.decide(RecordJson.rule(node.path("rule")));
            case RULE_PREPARED ->
                view.prepare(
                        RecordJson.rule(node.path("rule")),
                        node.path("position").asLong(),
                        node.path("ids_through").asLong(),
                        optional(node.path("published_through")));
            case RULE_ABANDONED -> view.prepared = null;
            case STANDS_AT ->
                view.position = Math.max(view.position, node.path("position").asLong());
            case PUBLISHED -> view.published = optional(node.path("through"));
            case NEEDS_BACKFILL -> view.follower = FollowerState.NEEDS_BACKFILL;
            case LOG_CUT -> view.cut(node.path("through").asLong());
            case ROWS_REMOVED -> node.path("ids").forEach(id -> view.drop(id.asLong()));
            case SYNCHRONIZED ->
                view.synchronize(
                        node.path("position").asLong(), node.path("gap").asBoolean());
            case ORPHAN ->
                node.path("set")
                        .path("changes")
                        .forEach(change -> view.orphan(
                                UUID.fromString(change.path("change").asText()),
                                node.path("at_position").asLong()));
            case NOTICE -> {
                // for people; nothing to fold
            }
            default ->
                throw new IllegalArgumentException("a record of type " + frame.type() + " has no place in a journal");
        }
    }

    static Long optional(JsonNode node) {
        return node.isNumber() ? node.asLong() : null;
    }
}
