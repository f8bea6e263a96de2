package io.homebudget.ledger.storage.api;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.IdempotencyKey;
import io.homebudget.ledger.entry.Edit;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.EntryRules;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.error.Verdict;
import io.homebudget.ledger.json.JsonBodies;
import io.homebudget.ledger.storage.routing.Ledger;
import io.homebudget.ledger.storage.store.IfMatch;
import io.homebudget.ledger.storage.store.Intent;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * The writing calls. Checks come in one order in every phase: syntax and shape, absent, unknown field, value, If-Match; the
 * first two here, the others where the entry is known, in the store.
 */
@Singleton
public class Writes {
    private static final String BY_CLIENT = "user";
    private static final BigInteger MAX_ID = BigInteger.valueOf(Entry.MAX_ID);

    private final Ledger ledger;
    private final EntryRules rules;
    private final Kind kind;
    private final String idParameter;
    private final String root;

    public Writes(Ledger ledger, EntryRules rules) {
        this.ledger = ledger;
        this.rules = rules;
        this.kind = rules.kind();
        this.idParameter = kind.word() + "_id";
        this.root = "/api/v1/" + kind.word();
    }

    Uni<Response> create(byte[] body, String key) {
        Verdict<Entry> draft = rules.create(body);
        if (!draft.accepted()) {
            return refuse(draft.refusal());
        }
        IdempotencyKey idempotency = null;
        if (key != null) {
            Verdict<IdempotencyKey> read = Conditions.key(key, "POST", root, body);
            if (!read.accepted()) {
                return refuse(read.refusal());
            }
            idempotency = read.value();
        }
        return ledger.write(new WriteRequest(new Intent.Create(draft.value()), BY_CLIENT, idempotency))
                .map(this::created);
    }

    private Response created(WriteOutcome outcome) {
        if (outcome instanceof WriteOutcome.Written written) {
            Change change = written.set().changes().get(0);
            return Answers.entry(kind, "created", change.after(), change.id());
        }
        return Answers.ofFailed(outcome);
    }

    Uni<Response> patch(String id, byte[] body, List<String> ifMatch) {
        return modify(id, rules.patch(body), ifMatch);
    }

    Uni<Response> put(String id, byte[] body, List<String> ifMatch) {
        return modify(id, rules.put(body), ifMatch);
    }

    private Uni<Response> modify(String text, Verdict<Verdict<Edit>> edit, List<String> ifMatch) {
        Verdict<Long> id = Conditions.id(text, idParameter);
        if (!id.accepted()) {
            return refuse(id.refusal());
        }
        if (!edit.accepted()) {
            return refuse(edit.refusal());
        }
        if (id.value() == Conditions.NO_ENTRY) {
            return refuse(Conditions.noEntry());
        }
        IfMatch condition = Conditions.ifMatch(ifMatch);
        return write(new Intent.Modify(id.value(), edit.value(), condition)).map(this::updated);
    }

    private Response updated(WriteOutcome outcome) {
        if (outcome instanceof WriteOutcome.Written written) {
            Change change = written.set().changes().get(0);
            return Answers.entry(kind, "updated", change.after(), change.id());
        }
        if (outcome instanceof WriteOutcome.Unchanged same) {
            return Answers.entry(
                    kind, "updated", same.held().entry(), same.held().changeId());
        }
        return Answers.ofFailed(outcome);
    }

    Uni<Response> delete(String text, List<String> ifMatch) {
        Verdict<Long> id = Conditions.id(text, idParameter);
        if (!id.accepted()) {
            return refuse(id.refusal());
        }
        if (id.value() == Conditions.NO_ENTRY) {
            return refuse(Conditions.noEntry());
        }
        long wanted = id.value();
        return write(new Intent.Delete(wanted, Conditions.ifMatch(ifMatch))).map(outcome -> {
            Response failed = Answers.ofFailed(outcome);
            return failed != null ? failed : Answers.deleted(wanted);
        });
    }

    Uni<Response> bulkDelete(byte[] body, String key) {
        Verdict<List<BigInteger>> read = JsonBodies.integers(body, "ids");
        if (!read.accepted()) {
            return refuse(read.refusal());
        }
        IdempotencyKey idempotency = null;
        if (key != null) {
            Verdict<IdempotencyKey> legal = Conditions.key(key, "POST", root + "/bulk-delete", body);
            if (!legal.accepted()) {
                return refuse(legal.refusal());
            }
            idempotency = legal.value();
        }
        List<Long> ids = new ArrayList<>(read.value().size());
        for (BigInteger id : read.value()) {
            if (id.signum() > 0 && id.compareTo(MAX_ID) <= 0) {
                ids.add(id.longValue());
            }
        }
        if (ids.isEmpty()) {
            return Uni.createFrom().item(Answers.bulkDeleted(0));
        }
        return ledger.write(new WriteRequest(new Intent.BulkDelete(ids), BY_CLIENT, idempotency))
                .map(outcome -> {
                    if (outcome instanceof WriteOutcome.Written written) {
                        return Answers.bulkDeleted(written.set().changes().size());
                    }
                    return outcome instanceof WriteOutcome.Unchanged
                            ? Answers.bulkDeleted(0)
                            : Answers.ofFailed(outcome);
                });
    }

    private Uni<WriteOutcome> write(Intent intent) {
        return ledger.write(new WriteRequest(intent, BY_CLIENT, null));
    }

    private static Uni<Response> refuse(Refusal refusal) {
        return Uni.createFrom().item(Answers.refusal(refusal));
    }
}
