package io.homebudget.income;

import io.homebudget.ledger.storage.api.LedgerResource;
import io.homebudget.ledger.storage.api.Reads;
import io.homebudget.ledger.storage.api.Writes;
import io.homebudget.ledger.storage.flags.FlagCalls;
import jakarta.ws.rs.Path;

/** The ledger API of incomes. */
@Path("/api/v1/income")
public class IncomeResource extends LedgerResource {

    public IncomeResource(Writes writes, Reads reads, FlagCalls flags) {
        super(writes, reads, flags);
    }
}
