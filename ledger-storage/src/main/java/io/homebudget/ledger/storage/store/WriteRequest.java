package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.change.IdempotencyKey;
import java.util.Objects;

/** @param by see {@link io.homebudget.ledger.change.ChangeSet}; @param key null where the client sent none */
public record WriteRequest(Intent intent, String by, IdempotencyKey key) {
    public WriteRequest {
        Objects.requireNonNull(intent, "intent");
        Objects.requireNonNull(by, "by");
    }
}
