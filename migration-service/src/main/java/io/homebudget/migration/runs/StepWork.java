package io.homebudget.migration.runs;

import io.smallrye.mutiny.Uni;

/**
 * The work of one kind of step, done in looks: each look reads where things stand and takes them one bit further, so that a
 * restarted service goes on wherever its predecessor was killed (A30).
 *
 * <p>Fails with {@link io.homebudget.migration.ledgers.LedgerAway} where another look later may do better; the driver repeats
 * it with growing pauses and an end.
 */
interface StepWork {

    StepName name();

    Uni<StepResult> look(RunTask task, Step step);
}
