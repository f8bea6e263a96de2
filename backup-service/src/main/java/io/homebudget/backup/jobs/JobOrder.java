package io.homebudget.backup.jobs;

import java.util.Map;

/**
 * What shall be done, by whom ordered and why.
 *
 * @param reason in the words of who ordered it; null where they gave none
 * @param known what the job's resource says from the beginning, for example the snapshot that is to be verified
 */
public record JobOrder(String type, Lane lane, String actor, String reason, Map<String, Object> known) {

    /** Work of one lane happens one after the other; lanes do not wait for each other. */
    public enum Lane {
        /** Makes, removes or restores. */
        MAKING,
        /** Only reads snapshots, and may take long. */
        CHECKING
    }
}
