package io.homebudget.expense;

import io.homebudget.ledger.storage.api.LedgerResource;
import io.homebudget.ledger.storage.api.Reads;
import io.homebudget.ledger.storage.api.Writes;
import io.homebudget.ledger.storage.flags.FlagCalls;
import jakarta.ws.rs.Path;

/** The ledger API of expenses. */
@Path("/api/v1/expense")
public class ExpenseResource extends LedgerResource {

    public ExpenseResource(Writes writes, Reads reads, FlagCalls flags) {
        super(writes, reads, flags);
    }
}
