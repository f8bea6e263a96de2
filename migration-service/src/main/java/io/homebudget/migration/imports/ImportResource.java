package io.homebudget.migration.imports;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.migration.access.Caller;
import io.homebudget.migration.problems.KindWord;
import io.homebudget.migration.problems.Refused;
import io.homebudget.migration.schema.DatabaseAway;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import org.jboss.resteasy.reactive.PathPart;

/** Foreign data: the order with its body, what became of it, and what was refused. */
@Path("/api/v1/migration/imports")
@Produces(MediaType.APPLICATION_JSON)
public class ImportResource {
    private static final String ROOT = "/api/v1/migration/imports/";
    private static final String NDJSON = "application/x-ndjson";
    private static final int MOST = 200;

    private final ImportBook book;
    private final ImportFiles files;
    private final ImportConfig config;
    private final Clock clock;
    private final Semaphore receiving;

    ImportResource(ImportBook book, ImportFiles files, ImportConfig config, Clock clock) {
        this.book = book;
        this.files = files;
        this.config = config;
        this.clock = clock;
        this.receiving = new Semaphore(config.receiving());
    }

    /** Stores the body as it comes, on a worker thread, then answers; it is taken in afterwards. */
    @POST
    @Consumes(MediaType.WILDCARD)
    @Blocking
    public Uni<Response> receive(
            @QueryParam("kind") String word,
            @QueryParam("reason") @DefaultValue("") String reason,
            @HeaderParam("Content-Type") String contentType,
            @HeaderParam("Idempotency-Key") String key,
            InputStream body)
            throws IOException {
        Kind kind = KindWord.inQuery(word);
        if (!receiving.tryAcquire()) {
            throw Refused.of(
                    LedgerError.TOO_MANY_REQUESTS, config.receiving() + " imports are being received. Wait for one.");
        }
        ImportRow row = new ImportRow();
        try {
            row.id = UUID.randomUUID();
            files.receive(row.id, body);
            row.format = Format.of(contentType, files.body(row.id)).word();
        } finally {
            receiving.release();
        }
        row.kind = kind.word();
        row.state = "queued";
        row.idempotencyKey = key == null ? row.id.toString() : key;
        row.actor = Caller.OPERATOR;
        row.reason = reason;
        row.createdAt = clock.instant();
        row.movedAt = row.createdAt;
        return book.open(row, config.waiting())
                .onItemOrFailure()
                .invoke((id, failure) -> {
                    // where the answer was lost the row may be there and needs its body; else the sweep removes it
                    boolean needed = failure == null
                            ? row.id.equals(id)
                            : failure instanceof DatabaseAway away && !away.beforeAnythingWasSent();
                    if (!needed) {
                        files.deleteBody(row.id);
                    }
                })
                .map(id -> Response.accepted(Map.of("id", id))
                        .header("Location", ROOT + id)
                        .build());
    }

    @GET
    public Uni<Map<String, Object>> list(
            @QueryParam("limit") @DefaultValue("50") int limit, @QueryParam("after") @DefaultValue("0") int after) {
        int most = Math.max(1, Math.min(limit, MOST));
        return book.newest(most, Math.max(0, after)).map(rows -> {
            Map<String, Object> page = new LinkedHashMap<>();
            page.put(
                    "items",
                    rows.stream()
                            .map(row -> ImportView.of(row, clock.instant()))
                            .toList());
            page.put("next", rows.size() < most ? null : String.valueOf(after + most));
            return page;
        });
    }

    @GET
    @Path("{id}")
    public Uni<Map<String, Object>> read(@PathParam("id") UUID id) {
        return found(id).map(row -> ImportView.of(row, clock.instant()));
    }

    /** What was refused, as NDJSON with line, field, reason and record; {@code format=csv} for a CSV body. */
    @GET
    @Path("{id}/rejects")
    @Blocking
    public Uni<Response> rejects(
            @PathParam("id") UUID id, @QueryParam("format") String format, @HeaderParam("Accept") String accept) {
        return found(id).map(row -> {
            boolean table = "csv".equals(format) || format == null && accept != null && accept.startsWith("text/csv");
            if (table && !row.format.equals(Format.CSV.word())) {
                throw Refused.of(LedgerError.BAD_REQUEST, "Only the rejects of a CSV body can be had as CSV.");
            }
            java.nio.file.Path file = kept(files.rejects(id), row.rejectsBytes);
            if (!table) {
                return download(file, row.rejectsBytes, id + ".rejects.ndjson");
            }
            StreamingOutput csv = out -> {
                try (InputStream in = new Head(Files.newInputStream(file), row.rejectsBytes)) {
                    RejectsTable.write(in, ImportView.columns(row), out);
                }
            };
            return Response.ok(csv, "text/csv; charset=utf-8")
                    .header("Content-Disposition", "attachment; filename=\"" + id + ".rejects.csv\"")
                    .build();
        });
    }

    /** Records that got another id than they asked for, as NDJSON with line, wanted and id. */
    @GET
    @Path("{id}/renumbered")
    @Blocking
    public Uni<Response> renumbered(@PathParam("id") UUID id) {
        return found(id)
                .map(row -> download(
                        kept(files.renumbered(id), row.renumberedBytes),
                        row.renumberedBytes,
                        id + ".renumbered.ndjson"));
    }

    private static Response download(java.nio.file.Path file, long length, String name) {
        Object body = length == 0 ? "" : new PathPart(file, 0, length);
        return Response.ok(body, NDJSON)
                .header("Content-Disposition", "attachment; filename=\"" + name + "\"")
                .build();
    }

    private static java.nio.file.Path kept(java.nio.file.Path file, long length) {
        if (length > 0 && !Files.exists(file)) {
            throw Refused.of(LedgerError.NOT_FOUND, "It is not kept on this machine, or no longer.");
        }
        return file;
    }

    @POST
    @Path("{id}/cancel")
    public Uni<Response> cancel(@PathParam("id") UUID id) {
        return changed(id, book.requestCancel(id, clock.instant()), "The import is over; there is nothing to cancel.");
    }

    /** A failed one goes on from its checkpoint. */
    @POST
    @Path("{id}/resume")
    public Uni<Response> resume(@PathParam("id") UUID id) {
        return changed(id, book.resume(id), "Only a failed import that had begun can go on.");
    }

    private Uni<Response> changed(UUID id, Uni<Boolean> change, String otherwise) {
        return found(id).chain(() -> change).map(done -> {
            if (!done) {
                throw Refused.of(LedgerError.CONFLICT, otherwise);
            }
            return Response.accepted(Map.of("id", id))
                    .header("Location", ROOT + id)
                    .build();
        });
    }

    private Uni<ImportRow> found(UUID id) {
        return book.find(id)
                .map(row -> row.orElseThrow(() -> Refused.of(LedgerError.NOT_FOUND, "There is no such import.")));
    }
}
