package io.homebudget.ledger.storage.shadow;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.storage.routing.Ledger;
import io.homebudget.ledger.storage.shadow.ShadowReads.Question;
import io.homebudget.ledger.storage.store.AuditQuery;
import io.homebudget.ledger.storage.store.GroupTotal;
import io.homebudget.ledger.storage.store.Grouping;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.store.LoggedChange;
import io.homebudget.ledger.storage.store.WriteOutcome;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A ledger of whose reads some are compared with what the follower would have answered; answers nothing else than it does. */
public final class ShadowedLedger implements Ledger {
    /** A page is compared as a whole; longer lists are left to the verification. */
    private static final int LONGEST_PAGE = 1_001;

    private final Ledger ledger;
    private final ShadowReads shadow;

    public ShadowedLedger(Ledger ledger, ShadowReads shadow) {
        this.ledger = ledger;
        this.shadow = shadow;
    }

    @Override
    public Kind kind() {
        return ledger.kind();
    }

    @Override
    public Uni<WriteOutcome> write(WriteRequest request) {
        return ledger.write(request);
    }

    @Override
    public Uni<Served<Held>> find(long id) {
        Uni<Served<Held>> answer = ledger.find(id);
        return shadow.sampled()
                ? answer.invoke(served -> {
                    if (!served.byFollower()) {
                        shadow.compare(
                                new Question(
                                        "entry " + id, store -> store.find(id).map(h -> Answer.of(kind(), h))),
                                Answer.of(kind(), served.value()));
                    }
                })
                : answer;
    }

    @Override
    public Uni<Served<Multi<List<Held>>>> list(Listing listing) {
        // also without a limit, which is 0: the old backend knew no other list, and most ledgers are one page
        boolean comparable = listing.limit() <= LONGEST_PAGE;
        Uni<Served<Multi<List<Held>>>> answer = ledger.list(listing);
        return comparable && shadow.sampled()
                ? answer.map(
                        served -> served.byFollower() ? served : new Served<>(observed(listing, served.value()), false))
                : answer;
    }

    private Multi<List<Held>> observed(Listing listing, Multi<List<Held>> chunks) {
        List<Held> seen = new ArrayList<>();
        return chunks.onItem()
                .invoke(chunk -> {
                    if (seen.size() <= LONGEST_PAGE) {
                        seen.addAll(chunk);
                    }
                })
                .onCompletion()
                .invoke(() -> {
                    if (seen.size() > LONGEST_PAGE) {
                        shadow.passOver();
                        return;
                    }
                    shadow.compare(
                            new Question(words("list", listing), store -> store.list(listing)
                                    .collect()
                                    .in(ArrayList<Held>::new, List::addAll)
                                    .map(page -> Answer.of(kind(), page))),
                            Answer.of(kind(), seen));
                });
    }

    @Override
    public Uni<Served<List<GroupTotal>>> summarize(Grouping by, Listing filter) {
        Uni<Served<List<GroupTotal>>> answer = ledger.summarize(by, filter);
        return shadow.sampled()
                ? answer.invoke(served -> {
                    if (!served.byFollower()) {
                        shadow.compare(
                                new Question(words("summary by " + by, filter), store -> store.summarize(by, filter)
                                        .map(Answer::of)),
                                Answer.of(served.value()));
                    }
                })
                : answer;
    }

    private static String words(String what, Listing listing) {
        StringBuilder words = new StringBuilder(what);
        word("from", listing.from(), words);
        word("to", listing.to(), words);
        word("category", listing.category(), words);
        word("account", listing.account(), words);
        word("q", listing.text(), words);
        word("limit", listing.limit() > 0 ? listing.limit() : null, words);
        word("after", listing.after(), words);
        return words.toString();
    }

    private static void word(String name, Object value, StringBuilder words) {
        if (value != null) {
            words.append(' ').append(name).append('=').append(value);
        }
    }

    @Override
    public Uni<Served<List<LoggedChange>>> audit(AuditQuery query) {
        return ledger.audit(query);
    }

    @Override
    public Optional<Recovery> recovery() {
        return ledger.recovery();
    }

    @Override
    public LedgerState state() {
        return ledger.state();
    }
}
