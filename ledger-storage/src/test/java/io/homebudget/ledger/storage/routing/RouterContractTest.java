package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.AuditQuery;
import io.homebudget.ledger.storage.store.Grouping;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.LedgerStoreContract;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.store.WriteRequest;
import io.homebudget.ledger.storage.testing.MemoryStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Nested;

/**
 * Whoever reads and writes through the router is promised what a single primary promises. What is no call of a client (the log, digests,
 * images) is asked of the primary itself. About who rules the router decides itself, so {@code FenceContract} is not its.
 */
class RouterContractTest {

    @Nested
    class InJsonOnly extends Routed {
        InJsonOnly() {
            super(Phase.JSON_ONLY);
        }
    }

    @Nested
    class InDualWrite extends Routed {
        InDualWrite() {
            super(Phase.DUAL_WRITE);
        }
    }

    @Nested
    class InDatabaseReads extends Routed {
        InDatabaseReads() {
            super(Phase.DATABASE_READS);
        }
    }

    @Nested
    class InDatabaseOnly extends Routed {
        InDatabaseOnly() {
            super(Phase.DATABASE_ONLY);
        }
    }

    abstract static class Routed extends LedgerStoreContract {
        private final Phase phase;
        private EngineFixture engine;

        Routed(Phase phase) {
            this.phase = phase;
        }

        @Override
        protected Rule rule() {
            engine = new EngineFixture();
            while (state().phase() != phase) {
                engine.forward();
            }
            return primary().decidedRule().orElseThrow();
        }

        private LedgerState state() {
            return engine.engine().state();
        }

        @Override
        protected LedgerStore openPrimary() {
            return (LedgerStore) Proxy.newProxyInstance(
                    LedgerStore.class.getClassLoader(),
                    new Class<?>[] {LedgerStore.class},
                    (proxy, method, arguments) -> switch (method.getName()) {
                        case "write" -> ledger().write((WriteRequest) arguments[0]);
                        case "find" -> ledger().find((Long) arguments[0]).map(Ledger.Served::value);
                        case "list" ->
                            ledger().list((Listing) arguments[0]).onItem().transformToMulti(Ledger.Served::value);
                        case "summarize" ->
                            ledger().summarize((Grouping) arguments[0], (Listing) arguments[1])
                                    .map(Ledger.Served::value);
                        case "audit" ->
                            ledger().audit((AuditQuery) arguments[0]).map(Ledger.Served::value);
                        default -> {
                            try {
                                yield method.invoke(primary(), arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        }
                    });
        }

        private Ledger ledger() {
            return engine.engine().ledger();
        }

        private MemoryStore primary() {
            return phase.primary() == StoreName.JSON ? engine.json : engine.postgres;
        }

        @Override
        protected LedgerStore reopen(LedgerStore open) {
            engine.crash();
            engine.attached();
            return open;
        }

        @Override
        protected void close(LedgerStore open) {
            engine.close();
        }
    }
}
