package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.digest.EntryDigest;
import java.util.UUID;

/**
 * The mending of one damaged entry: what was seen, and what is to stand there instead.
 *
 * @param seenVersion the version of the live entry or tombstone that was seen; 0 where there was none or one without a change
 * @param seenActual the digest of the values that were seen; null where there was no live entry
 * @param image what the last change recorded; null where none ever did: what stands there then goes without a trace
 */
public record Mend(long id, long seenVersion, UUID seenActual, ImageRow image) {
    public Mend {
        if (image != null && image.id() != id) {
            throw new IllegalArgumentException("the image is of entry " + image.id() + ", not of " + id);
        }
        if (image != null
                && image.held() != null
                && !EntryDigest.of(image.held().entry()).equals(image.held().digest())) {
            throw new IllegalArgumentException("the image of entry " + id + " is damaged itself");
        }
    }

    /** Whether a row is what is to stand there, in every detail. @param row null where there is none */
    public boolean holds(ImageRow row) {
        return image == null ? row == null : image.equals(row);
    }

    /** Whether a row is still what was seen. @param row null where there is none */
    public boolean seen(ImageRow row) {
        if (row == null || row.held() == null) {
            return seenActual == null && seenVersion == (row == null ? 0 : row.version());
        }
        return row.version() == seenVersion
                && EntryDigest.of(row.held().entry()).equals(seenActual);
    }
}
