package io.homebudget.ledger.storage.store;

import io.homebudget.ledger.change.Change;
import java.time.Instant;

/** One change as the audit shows it. */
public record LoggedChange(long position, int ordinal, Instant at, String by, Change change) {}
