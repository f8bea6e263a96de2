package io.homebudget.migration.verify;

import io.homebudget.migration.discrepancies.Finding;

/** What two readings of one entry say. */
public sealed interface Judgement {

    /** Both sides hold what the log recorded. */
    record Same() implements Judgement {}

    record Differs(Finding finding) implements Judgement {}

    /** Two readings do not decide it: ask the log what this version recorded, and read the primary anew. */
    record AskTheLog(long version) implements Judgement {}

    /** The log does not hold that version (yet, or any more): read everything anew. */
    record ReadAgain() implements Judgement {}

    Judgement SAME = new Same();
    Judgement AGAIN = new ReadAgain();

    static Judgement differs(Finding finding) {
        return new Differs(finding);
    }
}
