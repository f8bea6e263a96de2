package io.homebudget.ledger.storage.journal;

import java.nio.charset.StandardCharsets;

/**
 * One record of a journal segment or a metadata file, read back with its checksum proven.
 *
 * @param number rises by 1 from frame to frame, over all segments; orders everything a store ever recorded
 * @param offset where it begins in its file, in bytes
 */
public record Frame(FrameType type, long number, byte[] payload, long offset) {

    public String text() {
        return new String(payload, StandardCharsets.UTF_8);
    }
}
