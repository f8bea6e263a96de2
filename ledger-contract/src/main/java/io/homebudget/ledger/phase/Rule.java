package io.homebudget.ledger.phase;

import java.util.Objects;

/**
 * A phase together with the epoch in which it rules. The epoch rises with every phase change; of two rules the one with the
 * higher epoch is the later decision.
 */
public record Rule(long epoch, Phase phase) {
    public Rule {
        if (epoch < 1) {
            throw new IllegalArgumentException("epoch " + epoch + " is below 1, the first one");
        }
        Objects.requireNonNull(phase, "phase");
    }
}
