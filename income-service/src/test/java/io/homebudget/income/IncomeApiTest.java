package io.homebudget.income;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.storage.testing.LedgerApiContract;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;

/** Started without PostgreSQL and without Kafka: that this runs at all is part of the test. */
@QuarkusTest
@TestProfile(TestLedger.Served.class)
class IncomeApiTest extends LedgerApiContract {

    @Inject
    IncomeApiTest(TestLedger ledger) {
        super(ledger, Kind.INCOME);
    }
}
