package io.homebudget.backup.restore;

import io.homebudget.ledger.internal.EntryImage;
import java.io.IOException;

/** Rows ascending by id, one at a time; null after the last. Until that was given, none of them is proven. */
@FunctionalInterface
public interface Rows {
    EntryImage next() throws IOException;
}
