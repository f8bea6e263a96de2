package io.homebudget.expense;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.storage.testing.ReferenceLedger;
import io.quarkus.test.junit.QuarkusTestProfile;
import jakarta.enterprise.inject.Alternative;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.Set;

/** Stands in for both stores and their router, which have tests of their own, in tests of this profile. */
@Alternative
@Singleton
public class TestLedger extends ReferenceLedger {
    public TestLedger() {
        super(Kind.EXPENSE, Clock.systemUTC());
    }

    /** Serves the stand-in instead of the real ledger. */
    public static class Served implements QuarkusTestProfile {
        @Override
        public Set<Class<?>> getEnabledAlternatives() {
            return Set.of(TestLedger.class);
        }
    }
}
