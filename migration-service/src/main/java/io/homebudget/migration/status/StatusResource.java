package io.homebudget.migration.status;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.migration.gates.GateKeeper;
import io.homebudget.migration.gates.Gates;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.problems.Refused;
import io.homebudget.migration.runs.RunBook;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where both kinds stand, and whether a step would be safe now. */
@Path("/api/v1/migration")
@Produces(MediaType.APPLICATION_JSON)
public class StatusResource {
    private final Status status;
    private final Ledgers ledgers;
    private final GateKeeper gates;
    private final RunBook runs;

    StatusResource(Status status, Ledgers ledgers, GateKeeper gates, RunBook runs) {
        this.status = status;
        this.ledgers = ledgers;
        this.gates = gates;
        this.runs = runs;
    }

    @GET
    @Path("status")
    public Uni<Map<String, Object>> status() {
        return status.both();
    }

    @GET
    @Path("safety")
    public Uni<Map<String, Object>> safety(@QueryParam("kind") String word, @QueryParam("target") String name) {
        Kind kind = Kind.ofWord(word == null ? "" : word)
                .orElseThrow(() -> Refused.of(LedgerError.INVALID, "kind must be expense or income"));
        return ledgers.of(kind).state().chain(state -> {
            if (state.phase() == null) {
                throw Refused.of(LedgerError.CONFLICT, "The phase is not known now: its deciding store is away.");
            }
            Phase target = name == null
                    ? state.phase().next().orElse(Phase.DATABASE_READS)
                    : Arrays.stream(Phase.values())
                            .filter(phase -> phase.name().equals(name))
                            .findFirst()
                            .orElseThrow(() -> Refused.of(LedgerError.INVALID, "target must be the name of a phase"));
            if (!state.phase().isNeighbourOf(target)) {
                throw Refused.of(LedgerError.CONFLICT, target + " is not a neighbour of " + state.phase() + ".");
            }
            return gates.check(kind, state, target, () -> runs.anyActive(kind)).map(checks -> {
                Map<String, Object> answer = new LinkedHashMap<>();
                answer.put("safe", Gates.closed(checks).isEmpty());
                answer.put("kind", kind.word());
                answer.put("target", target);
                answer.put("checks", checks);
                return answer;
            });
        });
    }
}
