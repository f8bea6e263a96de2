package io.homebudget.expense;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.storage.testing.FlagsContract;
import io.homebudget.ledger.storage.testing.RealStores;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;

@QuarkusTest
@WithTestResource(RealStores.class)
class ExpenseFlagsIT extends FlagsContract {

    ExpenseFlagsIT() {
        super(Kind.EXPENSE);
    }
}
