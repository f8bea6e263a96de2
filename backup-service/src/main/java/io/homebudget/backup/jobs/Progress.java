package io.homebudget.backup.jobs;

/** How far a piece of work is. */
@FunctionalInterface
public interface Progress {
    Progress NONE = (share, doing) -> {};

    /**
     * @param share of this work that is done, 0 to 1
     * @param doing what happens now, a few words
     */
    void at(double share, String doing);

    /** The progress of a part that takes this work from one share to another. */
    default Progress part(double from, double to) {
        return (share, doing) -> at(from + Math.max(0, Math.min(1, share)) * (to - from), doing);
    }

    /** The progress of one of several parts of equal size. @param nth counted from 0 */
    default Progress nth(int nth, int all) {
        return part((double) nth / all, (nth + 1d) / all);
    }
}
