package io.homebudget.migration.verify;

/** Is told how far a verification is; must not block. */
@FunctionalInterface
public interface Progress {
    Progress NONE = (done, total) -> {};

    /** @param done entries known to be compared so far, never above {@code total} */
    void at(long done, long total);
}
