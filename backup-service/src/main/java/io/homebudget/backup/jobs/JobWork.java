package io.homebudget.backup.jobs;

/** The work of a job, on a worker thread of its own lane. */
@FunctionalInterface
public interface JobWork {

    /** Tells how far the work is, and what came of it. */
    interface Context extends Progress {
        /** A fact that the job's resource shows from now on, durably. */
        void tell(String key, Object value);
    }

    /**
     * Returning is success. An exception's message becomes the job's error: it must be a sentence for a person, without values of
     * entries.
     */
    void run(Context context) throws Exception;
}
