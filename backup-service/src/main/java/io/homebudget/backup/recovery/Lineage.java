package io.homebudget.backup.recovery;

import io.homebudget.backup.format.StoreImage;
import io.homebudget.backup.restore.LedgerCalls;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.internal.LogPage;
import io.homebudget.ledger.internal.LoggedSet;
import java.io.IOException;
import java.util.Optional;

/**
 * Tells whether the living ledger went on from an image. Where it did not, the log's changes do not belong on top of that image: after a
 * disaster recovery the folder holds snapshots of the old installation, younger ones than the restored one too, whose positions
 * mean something else here.
 */
public final class Lineage {
    private final LedgerCalls ledger;
    private final LedgerState state;

    private Lineage(LedgerCalls ledger, LedgerState state) {
        this.ledger = ledger;
        this.state = state;
    }

    public static Lineage of(LedgerCalls ledger) throws IOException, InterruptedException {
        return new Lineage(ledger, ledger.state());
    }

    /** Why the image is none of this ledger's past, in words; empty where it is, as far as the log can tell. */
    public Optional<String> foreign(StoreImage image) throws IOException, InterruptedException {
        if (image.identity() != null
                && state.identity() != null
                && !image.identity().equals(state.identity())) {
            return Optional.of(
                    "it was made of another installation of the " + image.kind().plural());
        }
        if (image.epoch() > state.epoch()) {
            return Optional.of("the " + image.kind().plural() + " stand in epoch " + state.epoch() + ", before its "
                    + image.epoch());
        }
        if (image.position() == 0) {
            return Optional.empty();
        }
        // an epoch has one writer: the set at the image's position is the image's own if it is of its epoch or an older
        // one
        LogPage page = ledger.log(image.position() - 1, 1);
        if (page.cut()) {
            return Optional.empty();
        }
        if (page.sets().isEmpty()) {
            // with the head beyond it, what comes before is still in flight, or the position is void
            boolean ahead = page.through() < image.position() && state.head() < image.position();
            return ahead ? Optional.of(notThere(image)) : Optional.empty();
        }
        LoggedSet found = page.sets().get(0);
        return found.position() == image.position() && found.epoch() > image.epoch()
                ? Optional.of(notThere(image))
                : Optional.empty();
    }

    private static String notThere(StoreImage image) {
        return "its last change, at position " + image.position() + ", is not in the log of the "
                + image.kind().plural();
    }
}
