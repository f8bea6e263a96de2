package io.homebudget.income;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.storage.testing.ReferenceLedger;
import io.quarkus.test.Mock;
import jakarta.inject.Singleton;
import java.time.Clock;

/** Stands in for both stores and their router, which have tests of their own. */
@Mock
@Singleton
public class TestLedger extends ReferenceLedger {
    public TestLedger() {
        super(Kind.INCOME, Clock.systemUTC());
    }
}
