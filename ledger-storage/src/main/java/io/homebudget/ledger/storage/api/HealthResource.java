package io.homebudget.ledger.storage.api;

import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.routing.Ledger;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Whether this service lives, serves and may be sent requests; answered from memory, no store is asked.
 *
 * <p>{@code /health} is 503 when the store that rules is away, so that writes fail. {@code /ready} is 503 only when not even
 * reads can be served (recovery mode, or the ruling store away without a follower): taking a service that still reads from its
 * follower out of the balancer would make a small outage a large one. Both say {@code healthy} or {@code unhealthy}, and
 * {@code /ready} says {@code recovery}, with file, place and advice, where a store's files cannot be trusted.
 */
@Path("/")
@NonBlocking
public class HealthResource {
    private static final byte[] OK = "{\"status\":\"ok\"}".getBytes(StandardCharsets.US_ASCII);
    private static final String CONNECTED = "connected";
    private static final String RECOVERY = "recovery";

    private final Ledger ledger;

    public HealthResource(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Exactly what the old backend answers. */
    @GET
    @Path("/api/v1/health")
    public Response running() {
        return Response.ok(OK, MediaType.APPLICATION_JSON_TYPE).build();
    }

    @GET
    @Path("/health")
    public Response health() {
        LedgerState state = ledger.state();
        return answer(state, primaryServes(state));
    }

    @GET
    @Path("/ready")
    public Response ready() {
        Optional<Ledger.Recovery> recovery = ledger.recovery();
        if (recovery.isPresent()) {
            return recovering(recovery.get());
        }
        LedgerState state = ledger.state();
        return answer(state, primaryServes(state) || followerServes(state));
    }

    /** What {@code up} prints, with its advice, before it gives up. */
    private static Response recovering(Ledger.Recovery recovery) {
        StringBuilder out = new StringBuilder(200).append("{\"status\":\"recovery\",\"database\":\"error\",\"file\":");
        EntryWriter.string(recovery.file(), out, false);
        out.append(",\"place\":");
        EntryWriter.string(recovery.place(), out, false);
        out.append(",\"advice\":");
        EntryWriter.string(recovery.advice(), out, false);
        return Response.status(503)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(out.append('}').toString().getBytes(StandardCharsets.UTF_8))
                .build();
    }

    private static Response answer(LedgerState state, boolean fine) {
        StringBuilder out = new StringBuilder(200).append("{\"status\":\"").append(fine ? "healthy" : "unhealthy");
        out.append("\",\"database\":\"")
                .append(database(state))
                .append("\",\"kind\":\"")
                .append(state.kind());
        out.append("\",\"phase\":");
        EntryWriter.string(state.phase() == null ? null : state.phase().name(), out, false);
        out.append(",\"stores\":{");
        for (StoreName store : StoreName.values()) {
            out.append(store.ordinal() > 0 ? ",\"" : "\"").append(store.word()).append("\":");
            EntryWriter.string(store(state, store), out, false);
        }
        out.append("},\"notices\":[");
        for (int i = 0; i < state.notices().size(); i++) {
            out.append(i > 0 ? "," : "");
            EntryWriter.string(state.notices().get(i), out, false);
        }
        out.append("]}");
        return Response.status(fine ? 200 : 503)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(out.toString().getBytes(StandardCharsets.UTF_8))
                .build();
    }

    /** PostgreSQL in one word, connected or disconnected; error where a store is damaged, whichever it is. */
    private static String database(LedgerState state) {
        if (state.stores().containsValue(RECOVERY)) {
            return "error";
        }
        return CONNECTED.equals(store(state, StoreName.POSTGRES)) ? CONNECTED : "disconnected";
    }

    private static boolean primaryServes(LedgerState state) {
        return state.phase() != null
                && CONNECTED.equals(store(state, state.phase().primary()));
    }

    private static boolean followerServes(LedgerState state) {
        return state.phase() != null
                && state.inSync()
                && state.phase().primary() == StoreName.POSTGRES
                && state.phase().dual()
                && CONNECTED.equals(store(state, StoreName.JSON));
    }

    private static String store(LedgerState state, StoreName store) {
        return state.stores().get(store.word());
    }
}
