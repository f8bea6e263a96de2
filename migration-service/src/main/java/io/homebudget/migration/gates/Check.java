package io.homebudget.migration.gates;

/**
 * What a gate says.
 *
 * @param reason why it is open or closed, one sentence
 * @param advice what to do about a closed one; empty where it is open
 * @param passing whether a closed gate may open by itself within moments; a run waits for such a one and does not fail
 */
public record Check(String name, boolean ok, String reason, String advice, boolean passing) {

    static Check open(String name, String reason) {
        return new Check(name, true, reason, "", false);
    }

    static Check closed(String name, String reason, String advice) {
        return new Check(name, false, reason, advice, false);
    }

    static Check waiting(String name, String reason, String advice) {
        return new Check(name, false, reason, advice, true);
    }
}
