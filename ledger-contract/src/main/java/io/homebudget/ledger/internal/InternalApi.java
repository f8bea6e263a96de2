package io.homebudget.ledger.internal;

/**
 * The internal, versioned API of the ledger services, by which migration- and backup-service reach both stores. Every call
 * carries the service credential as {@code Authorization: Bearer ...}.
 *
 * <pre>
 * GET  /internal/v1/state                                   {@link LedgerState}
 * POST /internal/v1/phase                {@link PhaseChange} -&gt; {@link PhaseChange.Done}; 409, 412, 503
 * POST /internal/v1/backfill                                202 {@link BackfillState}; goes on where an interrupted one stopped
 * GET  /internal/v1/backfill                                {@link BackfillState}
 * POST /internal/v1/backfill/cancel                         {@link BackfillState}
 * GET  /internal/v1/head?store=                             {"position": n}
 * GET  /internal/v1/follower/await?position=&amp;millis=        {"position": n} once the follower has passed it; 504 at the limit
 * GET  /internal/v1/digests?store=&amp;buckets=&amp;source=         {@link BucketDigests}; source: served (default) or disk
 * GET  /internal/v1/digests/{bucket}?store=&amp;buckets=&amp;source= [{@link EntryState}]
 * POST /internal/v1/states?store=        {"ids":[...]} -&gt; [{@link EntryState}]
 * POST /internal/v1/entries?store=&amp;source=   {"ids":[...]} -&gt; [{@link EntryImage}]; ids that the store never had are left out
 * GET  /internal/v1/changes?entry_id=&amp;limit=                the entry's last changes, newest first, from the primary's log
 * GET  /internal/v1/log?after=&amp;max=                        {@link LogPage} of the primary's log
 * GET  /internal/v1/export?store=                           text/plain: {@link ExportHead}, rows as lines ({@link io.homebudget.ledger.rows.RowText}), tail
 * POST /internal/v1/repair               {@link EntryRepair} -&gt; {@link EntryRepair.Done}; 409 with Retry-After while that store is restored
 * POST /internal/v1/import               {@link ImportBatch} -&gt; {@link ImportBatch.Done}
 * POST /internal/v1/restore              {@link RestoreOrder} -&gt; 201 {@link RestoreState}; discards one only staged; 409 while one is applied
 * POST /internal/v1/restore/{id}/rows?from=                 text/plain, whole lines of rows ascending by id, at most 2 MiB: the longest row takes half of that
 * POST /internal/v1/restore/{id}/apply?rows=                202 {@link RestoreState}; rows: how many the target has in all
 * GET  /internal/v1/restore/{id}                            {@link RestoreState}
 * DELETE /internal/v1/restore/{id}                          {@link RestoreState}, failed: one that is only staged is discarded; 409 for any other
 * POST /internal/v1/restore/follower                        202 {@link BackfillState}: the follower alone, anew from the primary; 409 without one
 * GET  /internal/v1/schema                                  {@link SchemaState}
 * POST /internal/v1/schema/update        {"target": null or version} -&gt; {@link SchemaState}; each step whole or not at all
 * POST /internal/v1/schema/undo          -&gt; {@link SchemaState}: takes the newest step back by its undo script
 * GET  /internal/v1/shadow-reads?after=                     [{@link ShadowMismatch}] with a higher number, oldest first
 * POST /internal/v1/archive                                 {"path": "...tar.gz"}: the JSON files as the old backend reads them
 * POST /internal/v1/way-back/close       {@link WayBackClosing} -&gt; {@link WayBackClosing.Done}; 409 outside DATABASE_ONLY
 * POST /internal/v1/publisher/pause, /resume                204
 * </pre>
 */
public final class InternalApi {
    public static final String ROOT = "/internal/v1";

    private InternalApi() {}
}
