package io.homebudget.backup.standin;

import io.homebudget.backup.jobs.JobWork;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps what a piece of work tells. */
public final class Telling implements JobWork.Context {
    private final Map<String, Object> facts = new ConcurrentHashMap<>();

    @Override
    public void tell(String key, Object value) {
        facts.put(key, value);
    }

    @Override
    public void at(double share, String doing) {
        if (share < 0 || share > 1) {
            throw new AssertionError("progress of " + share);
        }
    }

    public Map<String, Object> facts() {
        return facts;
    }
}
