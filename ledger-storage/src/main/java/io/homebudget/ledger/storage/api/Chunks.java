package io.homebudget.ledger.storage.api;

import io.smallrye.mutiny.Multi;

/**
 * A body that is written as its parts come, each part only when the one before has left: memory stays bounded however slowly
 * the client reads.
 */
public record Chunks(Multi<byte[]> parts) {}
