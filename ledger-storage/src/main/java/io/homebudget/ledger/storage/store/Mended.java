package io.homebudget.ledger.storage.store;

/** What became of a {@link Mend}. @param version what the store holds now; 0 where it holds nothing */
public record Mended(Result result, long version) {

    public enum Result {
        /** Written, durable. */
        MENDED,
        /** It was what it is to be already. */
        INTACT,
        /** It is no more what was seen; nothing was written. */
        MOVED
    }
}
