package io.homebudget.migration.gates;

/**
 * What a gate says.
 *
 * @param reason why it is open or closed, one sentence
 * @param advice what to do about a closed one; empty where it is open
 */
public record Check(String name, boolean ok, String reason, String advice) {

    static Check open(String name, String reason) {
        return new Check(name, true, reason, "");
    }

    static Check closed(String name, String reason, String advice) {
        return new Check(name, false, reason, advice);
    }
}
