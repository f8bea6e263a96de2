package io.homebudget.migration.ledgers;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.BackfillState;
import io.homebudget.ledger.internal.EntryRepair;
import io.homebudget.ledger.internal.ImportBatch;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.internal.SchemaState;
import io.homebudget.ledger.internal.ShadowMismatch;
import io.homebudget.ledger.internal.WayBackClosing;
import io.smallrye.mutiny.Uni;
import java.util.List;

/**
 * One kind's ledger service, which alone executes what is steered from here.
 *
 * <p>Every call fails with {@link LedgerAway} where another attempt makes sense and with {@link LedgerRefused} where not.
 */
public interface LedgerService extends Stores {

    Kind kind();

    /** Never repeated by itself: the caller looks at the state first. */
    Uni<PhaseChange.Done> changePhase(PhaseChange change);

    /** Starts a full synchronisation of the follower, or goes on with an interrupted one. */
    Uni<BackfillState> startBackfill();

    Uni<BackfillState> backfill();

    Uni<BackfillState> cancelBackfill();

    /**
     * Makes the damaged store hold what the entry's last change recorded, where it is still what was seen. Repeating it is
     * harmless: the second one finds the entry intact.
     */
    Uni<EntryRepair.Done> repair(EntryRepair repair);

    /** Reads that both stores answered differently, with a higher number, oldest first; a service start begins at 1 again. */
    Uni<List<ShadowMismatch>> shadowReads(long after);

    /** Repeatable by the batch's key: the same batch is written once. */
    Uni<ImportBatch.Done> importRecords(ImportBatch batch);

    Uni<SchemaState> schema();

    /** To the newest version; each step whole or not at all. */
    Uni<SchemaState> updateSchema();

    /** Takes the newest step back. */
    Uni<SchemaState> undoSchema();

    /** Archives the JSON files and deletes them; repeatable: the second answer is the first one's. */
    Uni<WayBackClosing.Done> closeWayBack(WayBackClosing closing);

    /** The item is the path of the archive of the JSON files. */
    Uni<String> archive();
}
