package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.storage.store.Held;

/**
 * How the live entries changed lately, newest first: what digests that were added up before must take out and put in. Costs a
 * few words per change and nothing else; nobody computes a digest because of it.
 *
 * @param nth the how manieth change since the store was opened this is
 * @param before null where there was no live entry, {@code after} where there is none any more
 * @param earlier null at the end of what is remembered
 */
record Steps(long nth, Held before, Held after, Steps earlier, int length) {
    /**
     * Beyond so many they are forgotten all at once, and who needed them adds up anew: a minute of 500 writes/s, and at most some
     * 10 MB of replaced entries that are kept for it.
     */
    static final int MOST = 30_000;

    static final Steps NONE = new Steps(0, null, null, null, 0);

    Steps plus(Held was, Held is) {
        return length < MOST ? new Steps(nth + 1, was, is, this, length + 1) : new Steps(nth + 1, was, is, null, 1);
    }
}
