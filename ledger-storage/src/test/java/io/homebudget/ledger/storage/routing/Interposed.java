package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.storage.store.LedgerStore;
import io.smallrye.mutiny.Uni;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/** Stands before a store and, where a test says so, holds a call back or changes its answer. */
final class Interposed {
    private final Map<String, UnaryOperator<Uni<Object>>> changed = new ConcurrentHashMap<>();

    LedgerStore before(LedgerStore store) {
        return (LedgerStore) Proxy.newProxyInstance(
                LedgerStore.class.getClassLoader(), new Class<?>[] {LedgerStore.class}, (proxy, method, arguments) -> {
                    UnaryOperator<Uni<Object>> change = changed.get(method.getName());
                    if (change == null) {
                        return invoke(store, method, arguments);
                    }
                    return change.apply(Uni.createFrom().deferred(() -> {
                        @SuppressWarnings("unchecked")
                        Uni<Object> real = (Uni<Object>) invoke(store, method, arguments);
                        return real;
                    }));
                });
    }

    private static Object invoke(LedgerStore store, Method method, Object[] arguments) {
        try {
            return method.invoke(store, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /** From now on calls of this method answer what the function makes of the real, not yet started one. */
    void on(String method, UnaryOperator<Uni<Object>> answer) {
        changed.put(method, answer);
    }

    /** Calls of this method wait until the future completes. */
    void hold(String method, CompletableFuture<Void> until) {
        on(method, real -> Uni.createFrom().completionStage(until::copy).chain(() -> real));
    }

    void clear() {
        changed.clear();
    }
}
