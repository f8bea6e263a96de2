package io.homebudget.ledger.change;

import io.homebudget.ledger.phase.Rule;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/**
 * The changes of one write, at one position of the log: all of them are committed, applied and recovered, or none is (A25).
 *
 * <p>A position belongs to a set and not to a single change, so that a bulk delete cannot be torn by whatever cuts a log at a
 * position.
 *
 * @param position where the set stands in the log of the store that committed it; rises, may skip numbers
 * @param rule the epoch and phase in which it was written
 * @param at microsecond precision, one per set, never falling from one version of an entry to the next
 * @param by who: {@code user}, {@code operator}, {@code import}, {@code file}, {@code restore}, {@code repair} ...
 * @param key the Idempotency-Key the client sent; null when it sent none
 * @param changes in the order in which they apply; at least one, no entry twice
 */
public record ChangeSet(
        long position, UUID id, Rule rule, Instant at, String by, IdempotencyKey key, List<Change> changes) {
    public ChangeSet {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(by, "by");
        changes = List.copyOf(changes);
        if (changes.isEmpty()) {
            throw new IllegalArgumentException("a set without changes");
        }
    }
}
