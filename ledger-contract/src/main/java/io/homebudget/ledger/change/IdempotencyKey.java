package io.homebudget.ledger.change;

import java.util.Objects;
import java.util.UUID;

/**
 * A client's Idempotency-Key with the digest of the request it came with. It is part of the change, so it survives crashes and
 * phase changes, and a repeat within 24 h gets the first answer.
 *
 * @param key 1 to 255 printable ASCII characters, as sent
 * @param request digest of method, path and body: the same key with another request is refused
 */
public record IdempotencyKey(String key, UUID request) {
    public IdempotencyKey {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(request, "request");
    }
}
