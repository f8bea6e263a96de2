package io.homebudget.ledger.storage.store;

import java.util.Optional;
import java.util.UUID;

/**
 * What one store hands to the other so that nothing is given twice or published out of order.
 *
 * @param position the head of the log at the fence, or 0 where no position is to be raised
 * @param idsThrough the largest id that may have been given out
 * @param publishedThrough see {@link LedgerStore#publishedThrough}
 * @param identity the JSON store's identity
 */
public record Handover(long position, long idsThrough, Optional<Long> publishedThrough, UUID identity) {}
