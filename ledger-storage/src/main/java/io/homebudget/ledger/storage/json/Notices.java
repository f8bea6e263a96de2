package io.homebudget.ledger.storage.json;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jboss.logging.Logger;

/** What a person should know, the newest 100; each is also logged. */
final class Notices {
    private static final Logger LOG = Logger.getLogger(JsonStore.class);
    private static final int MAX = 100;
    private final Deque<String> all = new ArrayDeque<>();

    synchronized void add(String notice) {
        LOG.warn(notice);
        all.addLast(notice);
        if (all.size() > MAX) {
            all.removeFirst();
        }
    }

    synchronized List<String> all() {
        return List.copyOf(all);
    }
}
