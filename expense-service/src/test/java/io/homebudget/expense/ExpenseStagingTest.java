package io.homebudget.expense;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.storage.testing.StagingContract;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.util.Map;

@QuarkusTest
@TestProfile(ExpenseStagingTest.Staging.class)
class ExpenseStagingTest extends StagingContract {

    ExpenseStagingTest() {
        super(Kind.EXPENSE);
    }

    public static class Staging extends TestLedger.Served {
        @Override
        public Map<String, String> getConfigOverrides() {
            return settings();
        }
    }
}
