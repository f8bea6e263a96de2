package io.homebudget.migration.ledgers;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.BackfillState;
import io.homebudget.ledger.internal.BucketDigests;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryRepair;
import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.internal.ImportBatch;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.internal.LogPage;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.internal.SchemaState;
import io.homebudget.ledger.internal.ShadowMismatch;
import io.homebudget.ledger.internal.WayBackClosing;
import io.homebudget.ledger.phase.StoreName;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * A ledger service reached over HTTP. Reading calls are repeated with growing pauses, a few times; a phase change never is,
 * because the caller must look at what came of the first one.
 */
final class HttpLedgerService implements LedgerService {
    /** The pauses grow from here to {@link #LONGEST_PAUSE}. */
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final Kind kind;
    private final LedgerHttp quick;
    private final LedgerHttp slow;
    private final String token;
    private final int attempts;
    private final Duration quickLimit;
    private final Function<LedgerState, Uni<LedgerState>> remembered;

    /** @param remembered puts into a state what its service forgets when it is started again */
    HttpLedgerService(
            Kind kind,
            LedgerHttp quick,
            LedgerHttp slow,
            String token,
            int attempts,
            Duration quickLimit,
            Function<LedgerState, Uni<LedgerState>> remembered) {
        this.kind = kind;
        this.quick = quick;
        this.slow = slow;
        this.token = token;
        this.attempts = attempts;
        this.quickLimit = quickLimit;
        this.remembered = remembered;
    }

    @Override
    public Kind kind() {
        return kind;
    }

    @Override
    public Uni<LedgerState> state() {
        return explained(quick.state(token).ifNoItem().after(quickLimit).fail()).chain(remembered::apply);
    }

    @Override
    public Uni<PhaseChange.Done> changePhase(PhaseChange change) {
        return explained(slow.phase(token, change));
    }

    @Override
    public Uni<BackfillState> startBackfill() {
        return explained(slow.startBackfill(token));
    }

    @Override
    public Uni<BackfillState> backfill() {
        return repeated(quick.backfill(token));
    }

    @Override
    public Uni<BackfillState> cancelBackfill() {
        return repeated(quick.cancelBackfill(token));
    }

    @Override
    public Uni<String> archive() {
        return explained(slow.archive(token)).map(LedgerHttp.Archive::path);
    }

    @Override
    public Uni<WayBackClosing.Done> closeWayBack(WayBackClosing closing) {
        return explained(slow.closeWayBack(token, closing));
    }

    @Override
    public Uni<ImportBatch.Done> importRecords(ImportBatch batch) {
        return explained(slow.importRecords(token, batch));
    }

    @Override
    public Uni<SchemaState> schema() {
        return explained(quick.schema(token));
    }

    @Override
    public Uni<SchemaState> updateSchema() {
        return explained(slow.updateSchema(token, new LedgerHttp.SchemaTarget(null)));
    }

    @Override
    public Uni<SchemaState> undoSchema() {
        return explained(slow.undoSchema(token));
    }

    @Override
    public Uni<Long> head(StoreName store) {
        return repeated(quick.head(token, store.word())).map(LedgerHttp.Position::position);
    }

    @Override
    public Uni<Long> awaitFollower(long position, long millis) {
        return explained(slow.awaitFollower(token, position, millis)).map(LedgerHttp.Position::position);
    }

    @Override
    public Uni<BucketDigests> digests(StoreName store, int buckets, Source source) {
        return repeated(slow.digests(token, store.word(), buckets, source.word()));
    }

    @Override
    public Uni<List<EntryState>> bucket(StoreName store, int buckets, int bucket, Source source) {
        return repeated(slow.bucket(token, bucket, store.word(), buckets, source.word()));
    }

    @Override
    public Uni<List<EntryState>> states(StoreName store, Collection<Long> ids) {
        return repeated(slow.states(token, store.word(), new LedgerHttp.Ids(List.copyOf(ids))));
    }

    @Override
    public Uni<List<EntryImage>> images(StoreName store, Collection<Long> ids, Source source) {
        return repeated(slow.entries(token, store.word(), source.word(), new LedgerHttp.Ids(List.copyOf(ids))));
    }

    @Override
    public Uni<EntryRepair.Done> repair(EntryRepair repair) {
        return repeated(slow.repair(token, repair));
    }

    @Override
    public Uni<LogPage> log(long after, int max) {
        return repeated(slow.log(token, after, max));
    }

    @Override
    public Uni<List<RecordedChange>> changes(long entryId, int limit, long fromVersion) {
        return repeated(slow.changes(token, entryId, limit, fromVersion)).map(HttpLedgerService::readChanges);
    }

    @Override
    public Uni<List<ShadowMismatch>> shadowReads(long after) {
        return explained(quick.shadowReads(token, after));
    }

    private static List<RecordedChange> readChanges(JsonNode answer) {
        JsonNode items = answer.isArray() ? answer : answer.path("items");
        List<RecordedChange> changes = new ArrayList<>(items.size());
        items.forEach(item -> changes.add(RecordedChange.of(item)));
        return changes;
    }

    private <T> Uni<T> repeated(Uni<T> call) {
        return explained(call)
                .onFailure(LedgerAway.class)
                .retry()
                .withBackOff(FIRST_PAUSE, LONGEST_PAUSE)
                .atMost(attempts)
                // a spent retry wraps its last failure; callers tell failures apart by type
                .onFailure(failure -> !(failure instanceof LedgerAway) && !(failure instanceof LedgerRefused))
                .transform(this::explain);
    }

    private <T> Uni<T> explained(Uni<T> call) {
        return call.onFailure().transform(this::explain);
    }

    private RuntimeException explain(Throwable failure) {
        for (Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof LedgerAway || at instanceof LedgerRefused) {
                return (RuntimeException) at;
            }
            if (at instanceof WebApplicationException answered) {
                int status = answered.getResponse().getStatus();
                String detail = detailOf(answered);
                return status >= 500 || status == 429 || status == 408 || passes(answered)
                        ? new LedgerAway(kind, status + " " + detail, answered)
                        : new LedgerRefused(kind, status, detail);
            }
        }
        String why = failure instanceof TimeoutException
                        || failure.getClass().getSimpleName().contains("Timeout")
                ? "no answer in time"
                : "not reachable (" + rootMessage(failure) + ")";
        return new LedgerAway(kind, why, failure);
    }

    /** Whoever says when to repeat a call expects it to be taken then; a restore under way refuses repairs so. */
    private static boolean passes(WebApplicationException answered) {
        return answered.getResponse().getHeaderString(HttpHeaders.RETRY_AFTER) != null;
    }

    private static String detailOf(WebApplicationException answered) {
        try {
            JsonNode problem = answered.getResponse().readEntity(JsonNode.class);
            if (problem != null && problem.hasNonNull("detail")) {
                return problem.get("detail").asText();
            }
        } catch (RuntimeException unreadable) {
            return answered.getMessage();
        }
        return answered.getMessage();
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
