package io.homebudget.ledger.storage.wiring;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.storage.routing.Ledger;
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
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The ledger that the API serves: the running engine's, once it runs. Before that, and in recovery mode, calls are refused. */
@Singleton
public class ServedLedger implements Ledger {
    private final Kind kind;
    private final LedgerRuntime runtime;

    public ServedLedger(@ConfigProperty(name = "ledger.kind") String kind, LedgerRuntime runtime) {
        this.kind = Kind.ofWord(kind).orElseThrow();
        this.runtime = runtime;
    }

    @Override
    public Kind kind() {
        return kind;
    }

    @Override
    public Uni<WriteOutcome> write(WriteRequest request) {
        return ledger().write(request);
    }

    @Override
    public Uni<Served<Held>> find(long id) {
        return ledger().find(id);
    }

    @Override
    public Uni<Served<Multi<List<Held>>>> list(Listing listing) {
        return ledger().list(listing);
    }

    @Override
    public Uni<Served<List<GroupTotal>>> summarize(Grouping by, Listing filter) {
        return ledger().summarize(by, filter);
    }

    @Override
    public Uni<Served<List<LoggedChange>>> audit(AuditQuery query) {
        return ledger().audit(query);
    }

    @Override
    public Optional<Recovery> recovery() {
        return Optional.ofNullable(runtime.recovery())
                .map(damage -> new Recovery(
                        damage.file().toString(),
                        (damage.offset() < 0 ? "the file as a whole: " : "byte " + damage.offset() + ": ")
                                + damage.what(),
                        damage.advice()));
    }

    @Override
    public LedgerState state() {
        return runtime.state();
    }

    private Ledger ledger() {
        return runtime.ledger();
    }
}
