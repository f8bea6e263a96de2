package io.homebudget.ledger.storage.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.store.Grouping;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.store.Mend;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Breaks when the decorator forgets a method, mixes two of them up or changes an argument; idea: Zipkin's ITStorage. */
class MeteredStoreTest {
    private static final Map<Class<?>, Object> SAMPLES = Map.of(
            Listing.class,
            Listing.ALL,
            Grouping.class,
            Grouping.values()[0],
            LedgerStore.DataSource.class,
            LedgerStore.DataSource.DISK,
            Rule.class,
            new Rule(3, Phase.DUAL_WRITE),
            Mend.class,
            new Mend(5, 0, null, null),
            List.class,
            List.of(),
            Collection.class,
            List.of(5L),
            Optional.class,
            Optional.of(7L));

    private final List<String> reached = new ArrayList<>();

    static Stream<Method> methods() {
        return Arrays.stream(LedgerStore.class.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void every_method_reaches_the_store_with_its_arguments(Method method) throws ReflectiveOperationException {
        LedgerStore metered = new MeteredStore(store(), new LedgerMetrics(new SimpleMeterRegistry(), "expense"));
        Object[] arguments = arguments(method);
        reached.clear();

        call(metered, method, arguments);

        assertThat(reached).containsExactly(told(method, arguments));
    }

    @ParameterizedTest
    @MethodSource("methods")
    void every_method_is_the_decorators_own(Method method) throws NoSuchMethodException {
        // a default method of the interface would run against the decorator and never reach the store's own version
        assertThat(MeteredStore.class
                        .getMethod(method.getName(), method.getParameterTypes())
                        .getDeclaringClass())
                .isEqualTo(MeteredStore.class);
    }

    private LedgerStore store() {
        return (LedgerStore) Proxy.newProxyInstance(
                LedgerStore.class.getClassLoader(), new Class<?>[] {LedgerStore.class}, (proxy, method, arguments) -> {
                    reached.add(told(method, arguments));
                    if (method.getReturnType() == StoreName.class) {
                        return StoreName.JSON;
                    }
                    return method.getReturnType() == Multi.class
                            ? Multi.createFrom().empty()
                            : Uni.createFrom().nullItem();
                });
    }

    private static void call(LedgerStore metered, Method method, Object[] arguments)
            throws ReflectiveOperationException {
        try {
            Object answer = method.invoke(metered, arguments);
            if (answer instanceof Uni<?> uni) {
                uni.subscribe().with(item -> {});
            } else if (answer instanceof Multi<?> multi) {
                multi.subscribe().with(item -> {});
            }
        } catch (InvocationTargetException e) {
            throw new AssertionError(method + " failed", e.getCause());
        }
    }

    private static Object[] arguments(Method method) {
        Class<?>[] types = method.getParameterTypes();
        Object[] arguments = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            if (types[i] == long.class) {
                arguments[i] = 100L + i;
            } else if (types[i] == int.class) {
                arguments[i] = 100 + i;
            } else {
                arguments[i] = SAMPLES.get(types[i]);
            }
        }
        return arguments;
    }

    private static String told(Method method, Object[] arguments) {
        return method.toGenericString() + Arrays.toString(arguments == null ? new Object[0] : arguments);
    }
}
