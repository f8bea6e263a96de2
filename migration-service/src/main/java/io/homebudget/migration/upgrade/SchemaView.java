package io.homebudget.migration.upgrade;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homebudget.ledger.internal.SchemaState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** Schemas and upgrades as callers see them. Pure functions. */
final class SchemaView {
    private static final ObjectMapper JSON = new ObjectMapper().findAndRegisterModules();

    private SchemaView() {}

    static Map<String, Object> status(List<SchemaServices.Told> told, boolean backups) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("current_version", versions(told, SchemaState::current));
        view.put("target_version", versions(told, SchemaState::target));
        view.put("needs_update", told.stream().anyMatch(SchemaServices.Told::pending));
        view.put("pending_migrations", steps(told, SchemaState::pending, false));
        view.put("last_migration", last(told).orElse(null));
        view.put("backup_available", backups);
        List<Map<String, Object>> services = new ArrayList<>();
        for (SchemaServices.Told one : told) {
            Map<String, Object> service = new LinkedHashMap<>();
            SchemaState state = one.state();
            service.put("service", one.service().name());
            service.put("current_version", state == null ? null : state.current());
            service.put("target_version", state == null ? null : state.target());
            service.put("needs_update", state == null ? null : one.pending());
            service.put("runs_on_safely", state == null ? null : state.safe());
            service.put("undoable", state == null ? null : state.undoable());
            service.put("error", one.error());
            services.add(service);
        }
        view.put("services", services);
        return view;
    }

    static Map<String, Object> preview(List<SchemaServices.Told> told) {
        List<Map<String, Object>> steps = steps(told, SchemaState::pending, true);
        StringBuilder sql = new StringBuilder();
        steps.forEach(step -> sql.append("-- ")
                .append(step.get("service"))
                .append(' ')
                .append(step.get("version"))
                .append(": ")
                .append(step.get("description"))
                .append('\n')
                .append(step.get("sql"))
                .append("\n\n"));
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("sql", sql.toString());
        view.put("steps", steps);
        return view;
    }

    static List<Map<String, Object>> history(List<SchemaServices.Told> told) {
        return steps(told, SchemaState::history, false);
    }

    private static String versions(List<SchemaServices.Told> told, Function<SchemaState, String> version) {
        return String.join(
                ", ",
                told.stream()
                        .map(one -> one.service().name() + " "
                                + (one.state() == null
                                        ? "unknown"
                                        : Objects.requireNonNullElse(version.apply(one.state()), "none")))
                        .toList());
    }

    private static Optional<Map<String, Object>> last(List<SchemaServices.Told> told) {
        return steps(told, SchemaState::history, false).stream()
                .filter(step -> step.get("installed_at") != null)
                .max(Comparator.comparing(step -> (Instant) step.get("installed_at")));
    }

    private static List<Map<String, Object>> steps(
            List<SchemaServices.Told> told, Function<SchemaState, List<SchemaState.Step>> which, boolean sql) {
        List<Map<String, Object>> views = new ArrayList<>();
        for (SchemaServices.Told one : told) {
            for (SchemaState.Step step : one.state() == null ? List.<SchemaState.Step>of() : which.apply(one.state())) {
                Map<String, Object> view = new LinkedHashMap<>();
                view.put("service", one.service().name());
                view.put("version", step.version());
                view.put("description", step.description());
                view.put("state", step.state());
                view.put("installed_at", step.installedAt());
                view.put("millis", step.millis());
                if (sql) {
                    view.put("sql", step.sql());
                }
                views.add(view);
            }
        }
        return views;
    }

    static Map<String, Object> job(UpgradeRow row) {
        try {
            return job(row, JSON.readTree(row.steps));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stored steps are not JSON", e);
        }
    }

    static Map<String, Object> job(UpgradeRow row, Object steps) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", row.id);
        view.put("job_id", row.id);
        view.put("state", row.state);
        view.put("percent", row.percent);
        view.put("steps", steps);
        view.put("snapshot", row.snapshot);
        view.put("error", row.error);
        view.put("started_at", row.startedAt);
        view.put("finished_at", row.finishedAt);
        view.put("actor", row.actor);
        view.put("reason", row.reason);
        return view;
    }
}
