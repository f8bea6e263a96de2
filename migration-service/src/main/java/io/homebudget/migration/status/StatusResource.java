package io.homebudget.migration.status;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.migration.gates.Check;
import io.homebudget.migration.gates.GateKeeper;
import io.homebudget.migration.gates.Gates;
import io.homebudget.migration.gates.Reach;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.problems.KindWord;
import io.homebudget.migration.runs.RunBook;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    /** Tells of any target whether a step to it would be safe now; one that no step leads to never is. */
    @GET
    @Path("safety")
    public Uni<Map<String, Object>> safety(@QueryParam("kind") String word, @QueryParam("target") String name) {
        Kind kind = KindWord.inQuery(word);
        return ledgers.of(kind).state().chain(state -> {
            if (state.phase() == null) {
                return Uni.createFrom().item(answer(kind, name, Reach.unknown()));
            }
            String wanted = name != null
                    ? name
                    : state.phase().next().orElse(Phase.DATABASE_READS).name();
            Optional<Phase> target = Reach.inOneStep(state.phase(), wanted);
            return target.isEmpty()
                    ? Uni.createFrom().item(answer(kind, wanted, Reach.beyond(state.phase(), wanted)))
                    : gates.check(kind, state, target.get(), () -> runs.anyActive(kind))
                            .map(checks -> answer(kind, wanted, checks));
        });
    }

    private static Map<String, Object> answer(Kind kind, String target, List<Check> checks) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("safe", Gates.closed(checks).isEmpty());
        answer.put("kind", kind.word());
        answer.put("target", target);
        answer.put("checks", checks);
        return answer;
    }
}
