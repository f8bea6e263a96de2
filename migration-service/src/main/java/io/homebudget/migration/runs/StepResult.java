package io.homebudget.migration.runs;

/** What came of one look at a step. */
public sealed interface StepResult {

    /** Not there yet; look again. Counts as progress where {@code done} or {@code note} changed. */
    record Again(long done, long total, String note) implements StepResult {
        public Again {
            // a source that counts while it is written to can pass its own estimate
            done = Math.min(done, total);
        }
    }

    record Finished(String detail) implements StepResult {}

    record Skipped(String why) implements StepResult {}

    record Failed(String why) implements StepResult {}

    static StepResult again(long done, long total, String note) {
        return new Again(done, total, note);
    }

    static StepResult finished(String detail) {
        return new Finished(detail);
    }

    static StepResult skipped(String why) {
        return new Skipped(why);
    }

    static StepResult failed(String why) {
        return new Failed(why);
    }
}
