package io.homebudget.ledger.storage.json;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;

/**
 * A sorted list seen as a sorted map, so that a persistent tree of a million entries is built in one pass and not by a million
 * insertions.
 */
final class SortedPairs<K, V> extends AbstractMap<K, V> implements SortedMap<K, V> {
    private final List<V> values;
    private final Function<V, K> key;
    private final Comparator<? super K> comparator;

    /** @param values already in the order of {@code comparator}; null for the natural one */
    SortedPairs(List<V> values, Function<V, K> key, Comparator<? super K> comparator) {
        this.values = values;
        this.key = key;
        this.comparator = comparator;
    }

    @Override
    public Set<Map.Entry<K, V>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Map.Entry<K, V>> iterator() {
                return values.stream()
                        .<Map.Entry<K, V>>map(v -> new SimpleImmutableEntry<>(key.apply(v), v))
                        .iterator();
            }

            @Override
            public int size() {
                return values.size();
            }
        };
    }

    @Override
    public Comparator<? super K> comparator() {
        return comparator;
    }

    @Override
    public SortedMap<K, V> subMap(K from, K to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SortedMap<K, V> headMap(K to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SortedMap<K, V> tailMap(K from) {
        throw new UnsupportedOperationException();
    }

    @Override
    public K firstKey() {
        return key.apply(values.get(0));
    }

    @Override
    public K lastKey() {
        return key.apply(values.get(values.size() - 1));
    }
}
