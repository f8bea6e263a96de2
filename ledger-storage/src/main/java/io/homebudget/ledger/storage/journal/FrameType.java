package io.homebudget.ledger.storage.journal;

import java.util.Optional;

/** What a frame says. Codes are on disk for ever: new ones are added, none is given another meaning. */
public enum FrameType {
    /** The first frame of a segment: format, kind, identity, where it begins. Its number is that of the next frame. */
    SEGMENT_HEADER(1),
    /** One set of changes. */
    CHANGES(2),
    IDS_RAISED(3),
    /** This store, primary until now, decided who rules next. */
    RULE_DECIDED(4),
    /** A decision taken elsewhere reached this store. */
    RULE_ADOPTED(5),
    RULE_PREPARED(6),
    RULE_ABANDONED(7),
    /** The position a follower stands at beyond its last set. */
    STANDS_AT(8),
    PUBLISHED(9),
    NEEDS_BACKFILL(10),
    /** The digest of an array file about to be renamed into place: how our own checkpoints are known from foreign edits. */
    CHECKPOINT_INTENT(11),
    CHECKPOINT_DONE(12),
    LOG_CUT(13),
    /** Rows of a full synchronisation; they are data, not part of the change log. */
    IMAGE_ROWS(14),
    ROWS_REMOVED(15),
    SYNCHRONIZED(16),
    /** A change that lost against another one at the same version. */
    ORPHAN(17),
    /** What a person should know. */
    NOTICE(18),

    META_HEADER(32),
    META_KEY(33),
    META_ENTRIES(34),
    META_TOMBSTONES(35),
    META_END(36);

    private final int code;

    FrameType(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** Whether the payload is text; the others are rows of numbers. */
    public boolean text() {
        return this != META_ENTRIES && this != META_TOMBSTONES;
    }

    public static Optional<FrameType> ofCode(int code) {
        for (FrameType type : values()) {
            if (type.code == code) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
