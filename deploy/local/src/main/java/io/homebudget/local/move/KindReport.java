package io.homebudget.local.move;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import java.util.List;

/**
 * What the move of one kind came to.
 *
 * @param steps empty where the kind was in DATABASE_ONLY before
 * @param bothStores the verification while both stores were in use; null where the kind was past that
 * @param end the verification at the end
 * @param rejected records that the first take of the array file could not take in
 * @param archive where the JSON files lie as the old backend reads them; null where no step said so
 */
public record KindReport(
        Kind kind, long entries, List<Step> steps, Verified bothStores, Verified end, long rejected, String archive) {

    public record Step(Phase phase, double seconds) {}

    public record Verified(long compared, long differences, double seconds) {}

    /**
     * Whether everything was compared and nothing differed. Counts are not compared with each other: clients may write
     * meanwhile. But a verification that looked at nothing where there are entries proves nothing.
     */
    public boolean equal() {
        return (bothStores == null || proves(bothStores)) && proves(end);
    }

    private boolean proves(Verified verified) {
        return verified.differences() == 0 && (verified.compared() > 0 || entries == 0);
    }
}
