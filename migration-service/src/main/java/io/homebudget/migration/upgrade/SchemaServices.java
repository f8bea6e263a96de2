package io.homebudget.migration.upgrade;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.SchemaState;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.ledgers.LedgerService;
import io.homebudget.migration.ledgers.Ledgers;
import io.homebudget.migration.problems.Refused;
import io.homebudget.migration.schema.OwnSchema;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The services whose tables are managed here, in the order of an upgrade. Its own come first: the job is written down there. */
@ApplicationScoped
class SchemaServices {
    private final List<SchemaService> all = new ArrayList<>();
    private final Duration limit;

    SchemaServices(OwnSchema own, Ledgers ledgers, MigrationConfig config) {
        limit = config.schemaLimit();
        all.add(new Own(own));
        for (Kind kind : Kind.values()) {
            all.add(new OfLedger(ledgers.of(kind)));
        }
    }

    /** @param state null where it could not be had; {@code error} says why */
    record Told(SchemaService service, SchemaState state, String error) {
        boolean pending() {
            return state != null && !state.pending().isEmpty();
        }
    }

    /** How all stand; a service that is away is told with its reason and fails nothing. */
    Uni<List<Told>> told() {
        return Multi.createFrom()
                .iterable(all)
                .onItem()
                .transformToUniAndConcatenate(service -> service.state()
                        .ifNoItem()
                        .after(limit)
                        .fail()
                        .map(state -> new Told(service, state, null))
                        .onFailure()
                        .recoverWithItem(failure -> new Told(service, null, reason(failure))))
                .collect()
                .asList();
    }

    private static String reason(Throwable failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    SchemaService named(String name) {
        return all.stream()
                .filter(service -> service.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Refused.inBody(
                        "service",
                        "service must be one of "
                                + String.join(
                                        ", ",
                                        all.stream().map(SchemaService::name).toList()),
                        "enum"));
    }

    private record Own(OwnSchema own) implements SchemaService {
        @Override
        public String name() {
            return "migration";
        }

        @Override
        public Uni<SchemaState> state() {
            return own.state();
        }

        @Override
        public Uni<SchemaState> update() {
            return own.update();
        }

        @Override
        public Uni<SchemaState> undo() {
            return own.undo();
        }
    }

    private record OfLedger(LedgerService ledger) implements SchemaService {
        @Override
        public String name() {
            return ledger.kind().word();
        }

        @Override
        public Uni<SchemaState> state() {
            return ledger.schema();
        }

        @Override
        public Uni<SchemaState> update() {
            return ledger.updateSchema();
        }

        @Override
        public Uni<SchemaState> undo() {
            return ledger.undoSchema();
        }
    }
}
