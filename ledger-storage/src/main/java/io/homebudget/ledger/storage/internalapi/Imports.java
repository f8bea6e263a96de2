package io.homebudget.ledger.storage.internalapi;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.change.IdempotencyKey;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.EntryRules;
import io.homebudget.ledger.error.Fault;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.error.Verdict;
import io.homebudget.ledger.internal.ImportBatch;
import io.homebudget.ledger.storage.api.Refused;
import io.homebudget.ledger.storage.routing.Ledger;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.smallrye.mutiny.Uni;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Takes a batch of records in: what the rules accept is written as one set through the ledger, so it is fenced, journalled,
 * followed and published as every other write is; what they refuse is reported and holds nothing up.
 */
final class Imports {
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");
    private static final int LONGEST_AUTHOR = 255;

    private final EntryRules rules;
    private final Ledger ledger;

    Imports(EntryRules rules, Ledger ledger) {
        this.rules = rules;
        this.ledger = ledger;
    }

    /** Fails with {@link Refused}, and then nothing was written unless the refusal says that this is not known. */
    Uni<ImportBatch.Done> take(ImportBatch batch) {
        List<JsonNode> records = Asked.field("records", batch.records());
        if (records.isEmpty() || records.size() > ImportBatch.MOST) {
            throw Asked.refused("records must be 1.." + ImportBatch.MOST);
        }
        String by = Asked.field("by", batch.by());
        if (by.isBlank() || by.length() > LONGEST_AUTHOR) {
            throw Asked.refused("by must be 1.." + LONGEST_AUTHOR + " characters");
        }
        if (batch.key() != null && !KEY.matcher(batch.key()).matches()) {
            throw Asked.refused("key must be 1..255 printable ASCII characters");
        }
        long newAbove = batch.newIdsAbove() == null ? 0 : batch.newIdsAbove();
        if (newAbove < 0 || newAbove > ImportBatch.HIGHEST_KEPT) {
            throw Asked.refused("new_ids_above must be 0.." + ImportBatch.HIGHEST_KEPT);
        }
        List<Verdict<Entry>> verdicts = records.stream().map(rules::imported).toList();
        List<Entry> drafts =
                verdicts.stream().filter(Verdict::accepted).map(Verdict::value).toList();
        if (drafts.isEmpty()) {
            return Uni.createFrom().item(done(records, verdicts, List.of()));
        }
        IdempotencyKey key = batch.key() == null ? null : new IdempotencyKey(batch.key(), digest(batch));
        return ledger.write(new WriteRequest(new Intent.Import(drafts, newAbove), by, key))
                .map(outcome -> done(records, verdicts, written(outcome).changes()));
    }

    private static UUID digest(ImportBatch batch) {
        return EntryDigest.of(("import " + batch.by() + batch.records()).getBytes(StandardCharsets.UTF_8));
    }

    private static ChangeSet written(WriteOutcome outcome) {
        if (outcome instanceof WriteOutcome.Written written) {
            return written.set();
        }
        if (outcome instanceof WriteOutcome.Refused refused) {
            throw new Refused(refused.refusal());
        }
        if (outcome instanceof WriteOutcome.NotWritten not) {
            throw new Refused(Refusal.of(LedgerError.NOT_WRITTEN, "Nothing was written: " + not.why() + "."));
        }
        throw new Refused(Refusal.of(
                LedgerError.OUTCOME_UNKNOWN,
                "It is not known whether the records were written. Repeat the call with the same key."));
    }

    private static ImportBatch.Done done(List<JsonNode> records, List<Verdict<Entry>> verdicts, List<Change> changes) {
        Iterator<Change> written = changes.iterator();
        List<ImportBatch.Outcome> outcomes = new ArrayList<>(records.size());
        for (int i = 0; i < records.size(); i++) {
            Verdict<Entry> verdict = verdicts.get(i);
            JsonNode id = records.get(i).path("id");
            Long wanted = id.isIntegralNumber() && id.canConvertToLong() ? (Long) id.longValue() : null;
            outcomes.add(
                    verdict.accepted()
                            ? new ImportBatch.Outcome(written.next().entryId(), wanted, null, null)
                            : refused(wanted, verdict.refusal()));
        }
        return new ImportBatch.Done(outcomes);
    }

    private static ImportBatch.Outcome refused(Long wanted, Refusal refusal) {
        Fault first = refusal.faults().isEmpty() ? null : refusal.faults().get(0);
        String field = first == null || first.loc().size() < 2
                ? "record"
                : String.valueOf(first.loc().get(1));
        return new ImportBatch.Outcome(null, wanted, field, refusal.detail());
    }
}
