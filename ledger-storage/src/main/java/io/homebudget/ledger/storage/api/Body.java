package io.homebudget.ledger.storage.api;

/**
 * A request body, as it came and at most as long as {@code ledger.api.max-body-bytes}; the type of the content does not matter.
 */
public record Body(byte[] bytes) {
    static final Body EMPTY = new Body(new byte[0]);

    static byte[] bytesOf(Body body) {
        return body == null ? EMPTY.bytes : body.bytes;
    }
}
