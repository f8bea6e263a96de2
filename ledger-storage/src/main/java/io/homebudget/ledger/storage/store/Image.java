package io.homebudget.ledger.storage.store;

import io.smallrye.mutiny.Multi;
import java.util.List;

/**
 * Everything a store holds at one position: live entries and tombstones in chunks, ascending by id.
 *
 * @param position the position of which this is the image: it holds every set up to there and nothing later
 * @param rows how many there are, tombstones included
 */
public record Image(long position, long rows, Multi<List<ImageRow>> chunks) {}
