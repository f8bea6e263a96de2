package io.homebudget.ledger.storage.postgres;

/**
 * The limits of one PostgreSQL store. Together they keep every write below the 2 s in which a client is answered: waiting for
 * a connection, then the server's statement timeout, then the store's own limit where the server does not answer at all.
 *
 * @param answerMillis after so long a write without an answer is {@code NotWritten} or {@code Unknown}; below the clients' 2 s
 * @param readMillis after so long a read of bounded size fails
 * @param fenceMillis how long a phase change may wait for writes in flight; below the second for which writers are held
 * @param bulkMillis after so long one bulk step (applying a batch, digests, a piece of a stream) fails
 * @param leaseSize how many ids are taken from the sequence at once; what is left of a block is lost at a restart
 * @param attempts how often a write that lost a race is tried again
 */
public record PostgresSettings(
        long answerMillis, long readMillis, long fenceMillis, long bulkMillis, int leaseSize, int attempts) {

    public static final PostgresSettings DEFAULTS = new PostgresSettings(1_900, 5_000, 800, 60_000, 1_000, 100);

    public PostgresSettings {
        if (answerMillis < 1 || readMillis < 1 || fenceMillis < 1 || bulkMillis < 1 || attempts < 1) {
            throw new IllegalArgumentException("limits of the PostgreSQL store must be at least 1");
        }
        if (leaseSize < 1 || leaseSize > 100_000) {
            throw new IllegalArgumentException("a lease is 1 to 100,000 ids, not " + leaseSize);
        }
    }
}
