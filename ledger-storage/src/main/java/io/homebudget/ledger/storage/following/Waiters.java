package io.homebudget.ledger.storage.following;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** Who waits until the follower has reached a position. Guarded by its owner's lock. */
final class Waiters {
    private final TreeMap<Long, List<CompletableFuture<Void>>> waiting = new TreeMap<>();

    CompletableFuture<Void> add(long position) {
        CompletableFuture<Void> waiter = new CompletableFuture<>();
        waiting.computeIfAbsent(position, p -> new ArrayList<>(1)).add(waiter);
        return waiter;
    }

    /** Those who need wait no longer, to be told outside the lock. */
    List<CompletableFuture<Void>> reached(long position) {
        List<CompletableFuture<Void>> ready = new ArrayList<>();
        Map<Long, List<CompletableFuture<Void>>> reached = waiting.headMap(position, true);
        reached.values().forEach(ready::addAll);
        reached.clear();
        return ready;
    }

    /** All, who wait in vain, to be told outside the lock. */
    List<CompletableFuture<Void>> leave() {
        List<CompletableFuture<Void>> left = new ArrayList<>();
        waiting.values().forEach(left::addAll);
        waiting.clear();
        return left;
    }
}
