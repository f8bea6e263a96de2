package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.internal.WayBackClosing;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.store.InSyncMark;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.testing.MemoryStore;
import io.smallrye.mutiny.Uni;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** What only files have, for a JSON store in memory. */
final class MemoryFiles implements JsonSide {
    private final LedgerStore store;
    private final MemoryStore memory;
    private final UUID identity;
    /** What the journal's size in bytes asks for; null for nothing. */
    volatile Long overLimit;
    /** How the store was given up; null while it was not. */
    volatile WayBackClosing.Done closed;

    /** @param store the memory, perhaps with something in between */
    MemoryFiles(LedgerStore store, MemoryStore memory, UUID identity) {
        this.store = store;
        this.memory = memory;
        this.identity = identity;
    }

    @Override
    public LedgerStore store() {
        return store;
    }

    @Override
    public InSyncMark mark() {
        return memory;
    }

    @Override
    public UUID identity() {
        return identity;
    }

    @Override
    public long ruledFrom() {
        return memory.ruledFrom();
    }

    @Override
    public long rejected() {
        return 0;
    }

    @Override
    public List<String> notices() {
        return List.of();
    }

    @Override
    public Optional<Long> logOverLimit() {
        return Optional.ofNullable(overLimit);
    }

    @Override
    public Uni<Void> checkpoint() {
        return Uni.createFrom().voidItem();
    }

    @Override
    public Uni<Path> archive() {
        return Uni.createFrom().failure(new UnsupportedOperationException("there are no files in memory"));
    }

    @Override
    public Optional<WayBackClosing.Done> closed() {
        return Optional.ofNullable(closed);
    }

    @Override
    public Uni<WayBackClosing.Done> giveUp(Rule rule, String by, String reason) {
        return Uni.createFrom().failure(new UnsupportedOperationException("there are no files in memory"));
    }
}
