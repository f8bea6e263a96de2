package io.homebudget.ledger.storage.api;

import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.EntryRules;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.error.Verdict;
import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.storage.routing.Ledger;
import io.homebudget.ledger.storage.store.Grouping;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Listing;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/** The reading calls. Lists are streamed from one position of the log; what a page holds does not depend on the store. */
@Singleton
public class Reads {
    private static final int BYTES_PER_ENTRY = 180;

    private final Ledger ledger;
    private final Kind kind;
    private final String idParameter;
    private final String root;

    public Reads(Ledger ledger, EntryRules rules) {
        this.ledger = ledger;
        this.kind = rules.kind();
        this.idParameter = kind.word() + "_id";
        this.root = "/api/v1/" + kind.word();
    }

    Uni<Response> list(ListParameters filters) {
        Verdict<Listing> wanted = filters.read();
        if (!wanted.accepted()) {
            return refuse(wanted.refusal());
        }
        if (wanted.value().limit() > 0) {
            return page(wanted.value(), filters);
        }
        return ledger.list(wanted.value())
                .map(served -> from(
                        Response.ok(new Chunks(array(served.value())), MediaType.APPLICATION_JSON_TYPE),
                        served.byFollower()));
    }

    private Uni<Response> page(Listing wanted, ListParameters filters) {
        int limit = wanted.limit();
        // One more than wanted tells whether there is a next page.
        Listing oneMore = new Listing(
                wanted.from(),
                wanted.to(),
                wanted.category(),
                wanted.account(),
                wanted.text(),
                limit + 1,
                wanted.after());
        return ledger.list(oneMore).chain(served -> served.value()
                .collect()
                .in(ArrayList<Held>::new, List::addAll)
                .map(found -> {
                    boolean more = found.size() > limit;
                    List<Held> shown = more ? found.subList(0, limit) : found;
                    StringBuilder out = new StringBuilder(2 + shown.size() * BYTES_PER_ENTRY).append('[');
                    append(shown, out, true);
                    Response.ResponseBuilder answer = Answers.ok(out.append(']'));
                    if (more) {
                        String next = filters.next(
                                root, Cursor.after(shown.get(limit - 1).entry()));
                        answer.header(HttpHeaders.LINK, '<' + next + ">; rel=\"next\"");
                    }
                    return from(answer, served.byFollower());
                }));
    }

    private Multi<byte[]> array(Multi<List<Held>> chunks) {
        AtomicBoolean first = new AtomicBoolean(true);
        Multi<byte[]> entries = chunks.filter(chunk -> !chunk.isEmpty()).map(chunk -> {
            StringBuilder out = new StringBuilder(1 + chunk.size() * BYTES_PER_ENTRY);
            boolean opening = first.compareAndSet(true, false);
            if (opening) {
                out.append('[');
            }
            append(chunk, out, opening);
            return out.toString().getBytes(StandardCharsets.UTF_8);
        });
        Multi<byte[]> end =
                Multi.createFrom().item(() -> (first.get() ? "[]" : "]").getBytes(StandardCharsets.US_ASCII));
        return Multi.createBy().concatenating().streams(entries, end);
    }

    private void append(List<Held> chunk, StringBuilder out, boolean opening) {
        for (int i = 0; i < chunk.size(); i++) {
            if (i > 0 || !opening) {
                out.append(',');
            }
            EntryWriter.compact(kind, chunk.get(i).entry(), out);
        }
    }

    Uni<Response> one(String text) {
        Verdict<Long> id = Conditions.id(text, idParameter);
        if (!id.accepted()) {
            return refuse(id.refusal());
        }
        if (id.value() == Conditions.NO_ENTRY) {
            return refuse(Conditions.noEntry());
        }
        return ledger.find(id.value()).map(served -> {
            if (served.value() == null) {
                return from(
                        Response.fromResponse(Answers.refusal(
                                Refusal.of(LedgerError.NOT_FOUND, "There is no entry with id " + id.value() + "."))),
                        served.byFollower());
            }
            Entry entry = served.value().entry();
            Response.ResponseBuilder answer = Answers.ok(EntryWriter.compact(kind, entry));
            if (served.value().changeId() != null) {
                answer.header(HttpHeaders.ETAG, Answers.etag(served.value().changeId()));
            }
            return from(answer, served.byFollower());
        });
    }

    Uni<Response> summary(String by, ListParameters filters) {
        Grouping grouping = null;
        for (Grouping one : Grouping.values()) {
            if (one.name().toLowerCase(Locale.ROOT).equals(by)) {
                grouping = one;
            }
        }
        if (grouping == null) {
            return refuse(Refusal.malformed(ListParameters.fault(
                    "by",
                    by == null ? "Field required" : "Input should be 'category', 'month' or 'account'",
                    by == null ? "missing" : "literal_error")));
        }
        Verdict<Listing> wanted = filters.read();
        if (!wanted.accepted()) {
            return refuse(wanted.refusal());
        }
        return ledger.summarize(grouping, wanted.value())
                .map(served -> from(Answers.ok(Summaries.json(by, served.value())), served.byFollower()));
    }

    Uni<Response> csv(ListParameters filters) {
        Verdict<Listing> wanted = filters.read();
        if (!wanted.accepted()) {
            return refuse(wanted.refusal());
        }
        return ledger.list(wanted.value())
                .map(served -> from(
                        Response.ok(new Chunks(CsvExport.of(kind, served.value())), "text/csv;charset=UTF-8")
                                .header(
                                        HttpHeaders.CONTENT_DISPOSITION,
                                        "attachment; filename=\"" + kind.plural() + ".csv\""),
                        served.byFollower()));
    }

    Uni<Response> audit(String entryId, String from, String to, String limit, String after) {
        AuditParameters parameters = new AuditParameters(entryId, from, to, limit, after);
        var query = parameters.read();
        if (!query.accepted()) {
            return refuse(query.refusal());
        }
        return ledger.audit(query.value()).map(served -> {
            Response.ResponseBuilder answer = Answers.ok(AuditParameters.json(kind, served.value()));
            if (served.value().size() == query.value().limit()) {
                answer.header(
                        HttpHeaders.LINK, '<' + parameters.next(root + "/audit", served.value()) + ">; rel=\"next\"");
            }
            return from(answer, served.byFollower());
        });
    }

    private static Response from(Response.ResponseBuilder answer, boolean byFollower) {
        return (byFollower ? answer.header(Answers.SERVED_BY, Answers.JSON_FOLLOWER) : answer).build();
    }

    private static Uni<Response> refuse(Refusal refusal) {
        return Uni.createFrom().item(Answers.refusal(refusal));
    }
}
