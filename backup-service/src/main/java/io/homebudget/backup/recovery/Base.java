package io.homebudget.backup.recovery;

import io.homebudget.backup.catalogue.Listed;
import io.homebudget.backup.format.StoreImage;
import io.homebudget.ledger.entry.Kind;

/** The snapshot from which a kind's ledger is brought to a moment. */
public record Base(Kind kind, Listed snapshot, StoreImage image, Moment moment) {}
