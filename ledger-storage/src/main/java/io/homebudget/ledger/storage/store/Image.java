package io.homebudget.ledger.storage.store;

import io.smallrye.mutiny.Multi;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Everything a store holds at one position: live entries and tombstones in chunks, ascending by id.
 *
 * @param position the position of which this is the image: it holds every set up to there and nothing later
 * @param rows how many there are, tombstones included
 * @param lines the same rows as they lie in a file, for a store that takes them as they are; null where there is none
 */
public record Image(long position, long rows, Multi<List<ImageRow>> chunks, Lines lines) {

    /** Lines of {@link io.homebudget.ledger.rows.RowText}, checked, each live row with the digest of its values. May be opened often. */
    @FunctionalInterface
    public interface Lines {
        InputStream open() throws IOException;
    }

    public Image(long position, long rows, Multi<List<ImageRow>> chunks) {
        this(position, rows, chunks, null);
    }
}
