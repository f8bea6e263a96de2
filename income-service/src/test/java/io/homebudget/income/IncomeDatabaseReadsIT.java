package io.homebudget.income;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.storage.testing.PhaseContract;
import io.homebudget.ledger.storage.testing.RealStores;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;

@QuarkusTest
@WithTestResource(RealStores.class)
class IncomeDatabaseReadsIT extends PhaseContract {

    IncomeDatabaseReadsIT() {
        super(Kind.INCOME, Phase.DATABASE_READS);
    }
}
