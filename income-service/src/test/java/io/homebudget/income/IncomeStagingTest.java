package io.homebudget.income;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.storage.testing.StagingContract;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.util.Map;

@QuarkusTest
@TestProfile(IncomeStagingTest.Staging.class)
class IncomeStagingTest extends StagingContract {

    IncomeStagingTest() {
        super(Kind.INCOME);
    }

    public static class Staging extends TestLedger.Served {
        @Override
        public Map<String, String> getConfigOverrides() {
            return settings();
        }
    }
}
