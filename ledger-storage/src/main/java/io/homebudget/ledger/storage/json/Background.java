package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.StoreAway;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/** Blocking work on threads of the store's own; it goes on when whoever asked for it goes away. */
final class Background {
    private Background() {}

    static ExecutorService daemons(int threads, String name) {
        return Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Started already; whoever goes away cancels nothing. */
    static <T> Uni<T> started(CompletableFuture<T> future) {
        return Uni.createFrom().completionStage(future::copy);
    }

    /** Blocking work that may fail. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    /** Fails with {@link StoreAway}. */
    static <T> Uni<T> on(ExecutorService executor, Work<T> work) {
        CompletableFuture<T> future = new CompletableFuture<>();
        try {
            executor.execute(() -> {
                try {
                    future.complete(work.run());
                } catch (IOException e) {
                    future.completeExceptionally(new StoreAway(StoreName.JSON, e.getMessage(), e));
                } catch (StoreAway e) {
                    future.completeExceptionally(e);
                } catch (Throwable e) {
                    // whoever waits must not wait for ever, not even where the memory is full
                    future.completeExceptionally(new StoreAway(StoreName.JSON, String.valueOf(e.getMessage()), e));
                }
            });
        } catch (RejectedExecutionException e) {
            future.completeExceptionally(new StoreAway(StoreName.JSON, "it is closed", e));
        }
        return started(future);
    }
}
