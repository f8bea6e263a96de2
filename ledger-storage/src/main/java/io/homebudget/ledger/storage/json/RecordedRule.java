package io.homebudget.ledger.storage.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.journal.Frame;
import io.homebudget.ledger.storage.journal.FrameType;
import io.homebudget.ledger.storage.journal.JournalInspector;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which rule a data folder last heard of, read without opening the store: nothing is locked and nothing is changed, and a
 * running service's folder can be asked as well. Epochs only rise, so the highest one counts, wherever it stands.
 */
public final class RecordedRule implements JournalInspector.Visitor {
    private Rule highest;

    private RecordedRule() {}

    /**
     * @return empty where the folder records none: no store was ever started on it, or it never heard who rules
     * @throws RecoveryRequired where its files are damaged, so that a later rule may stand behind the damage
     */
    public static Optional<Rule> of(Path folder, Kind kind) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        Optional<GivenUp> givenUp = GivenUp.read(folder);
        if (givenUp.isPresent()) {
            return givenUp.map(GivenUp::rule);
        }
        RecordedRule recorded = new RecordedRule();
        for (MetaFile.Header header : MetaFile.find(folder, kind)) {
            recorded.hear(header.json().path("decided"));
        }
        JournalInspector.list(folder, recorded);
        return Optional.ofNullable(recorded.highest);
    }

    @Override
    public boolean frame(Frame frame) {
        if (frame.type() == FrameType.RULE_DECIDED) {
            hear(RecordJson.tree(frame.payload()).path("to"));
        } else if (frame.type() == FrameType.RULE_ADOPTED) {
            hear(RecordJson.tree(frame.payload()).path("rule"));
        }
        return true;
    }

    @Override
    public void damaged(RecoveryRequired damage) {
        throw damage;
    }

    private void hear(JsonNode node) {
        Rule rule = RecordJson.rule(node);
        if (rule != null && (highest == null || rule.epoch() > highest.epoch())) {
            highest = rule;
        }
    }
}
