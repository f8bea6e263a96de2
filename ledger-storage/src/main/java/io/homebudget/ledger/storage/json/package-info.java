/**
 * The JSON store: the old backend's array file, with a journal and metadata beside it.
 *
 * <p>Why do records have numbers of their own beside positions? Positions order sets; decisions, cuts and rows of a synchronisation
 * need an order too, and one that never stands still. Segments and metadata are therefore named by record number.
 *
 * <p>Why is a synchronisation journalled row by row and not staged in a file? A crash then needs no code of its own: the journal
 * is replayed, and the follower still says that it needs a backfill.
 *
 * <p>Why is a batch cut off after a failed fsync, although it may read back? Because reading back proves only that the kernel's
 * cache has it. Its writers were told that the outcome is unknown, which stays true either way.
 *
 * <p>Why are elements of the array in the order of ids? It is the order in which the old backend appends. A file that somebody
 * sorted otherwise is rewritten in this order; the original stays beside it.
 */
package io.homebudget.ledger.storage.json;
