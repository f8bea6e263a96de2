package io.homebudget.ledger.storage.json;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.journal.FrameType;
import io.homebudget.ledger.storage.store.Handover;
import io.homebudget.ledger.storage.store.Standing.FollowerState;
import io.homebudget.ledger.storage.store.StoreFenced;
import java.util.Objects;
import java.util.Optional;

/** The records about who rules. The queue of the journal thread is the fence: a decision waits for every write before it. */
final class Ruling {
    private Ruling() {}

    static JournalThread.Step<Void> prepare(Rule rule, Handover handover) {
        return (draft, recorder) -> {
            if (draft.decided != null && rule.epoch() <= draft.decided.epoch()) {
                throw new StoreFenced(StoreName.JSON, rule.epoch(), draft.decided.epoch());
            }
            Long published = handover.publishedThrough().orElse(null);
            ObjectNode json = RecordJson.object()
                    .put("position", handover.position())
                    .put("ids_through", handover.idsThrough())
                    .put("published_through", published);
            json.set("rule", RecordJson.rule(rule));
            recorder.record(FrameType.RULE_PREPARED, json);
            draft.prepare(rule, handover.position(), handover.idsThrough(), published);
            return null;
        };
    }

    static JournalThread.Step<Long> decide(Rule from, Rule to) {
        return (draft, recorder) -> {
            if (!from.equals(draft.decided) || from.phase().primary() != StoreName.JSON) {
                throw new StoreFenced(StoreName.JSON, from.epoch(), draft.decided == null ? 0 : draft.decided.epoch());
            }
            if (to.epoch() <= from.epoch()) {
                throw new IllegalArgumentException("epoch " + to.epoch() + " does not follow " + from.epoch());
            }
            ObjectNode json = RecordJson.object();
            json.set("from", RecordJson.rule(from));
            json.set("to", RecordJson.rule(to));
            recorder.record(FrameType.RULE_DECIDED, json);
            draft.decide(to);
            return draft.position;
        };
    }

    static JournalThread.Step<Void> adopt(Rule rule) {
        return (draft, recorder) -> {
            boolean known = draft.decided != null && rule.epoch() <= draft.decided.epoch();
            if (!known) {
                ObjectNode json = RecordJson.object();
                json.set("rule", RecordJson.rule(rule));
                recorder.record(FrameType.RULE_ADOPTED, json);
                draft.decide(rule);
            }
            return null;
        };
    }

    static JournalThread.Step<Void> abandon() {
        return (draft, recorder) -> {
            if (draft.prepared != null) {
                recorder.record(FrameType.RULE_ABANDONED, RecordJson.object());
                draft.prepared = null;
            }
            return null;
        };
    }

    static JournalThread.Step<Void> needBackfill() {
        return (draft, recorder) -> {
            if (draft.follower != FollowerState.NEEDS_BACKFILL) {
                recorder.record(FrameType.NEEDS_BACKFILL, RecordJson.object());
                draft.follower = FollowerState.NEEDS_BACKFILL;
            }
            return null;
        };
    }

    static JournalThread.Step<Void> raiseIds(long through) {
        return (draft, recorder) -> {
            if (through > draft.ids) {
                recorder.record(FrameType.IDS_RAISED, RecordJson.object().put("through", through));
                draft.raiseIds(through);
            }
            return null;
        };
    }

    static JournalThread.Step<Void> markPublished(Optional<Long> through) {
        return (draft, recorder) -> {
            Long value = through.orElse(null);
            if (!Objects.equals(value, draft.published)) {
                recorder.record(FrameType.PUBLISHED, RecordJson.object().put("through", value));
                draft.published = value;
            }
            return null;
        };
    }
}
