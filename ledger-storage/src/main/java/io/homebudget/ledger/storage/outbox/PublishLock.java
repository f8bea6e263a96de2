package io.homebudget.ledger.storage.outbox;

/**
 * At most one publisher per kind works. Where JSON is involved one process owns the kind anyway; in {@code DATABASE_ONLY}
 * several replicas agree through PostgreSQL. The producer's transactional id fences what a frozen holder sends late.
 */
public interface PublishLock extends AutoCloseable {

    /** Blocking, at most a few seconds. True while this process holds the lock. */
    boolean hold();

    /** Lets another process publish. */
    @Override
    void close();

    /** For phases in which one process owns the kind. */
    PublishLock ALONE = new PublishLock() {
        @Override
        public boolean hold() {
            return true;
        }

        @Override
        public void close() {}
    };
}
