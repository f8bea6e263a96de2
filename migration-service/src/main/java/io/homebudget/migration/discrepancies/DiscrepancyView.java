package io.homebudget.migration.discrepancies;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A discrepancy as callers see it. */
public final class DiscrepancyView {
    private static final ObjectMapper JSON = new ObjectMapper();

    private DiscrepancyView() {}

    public static Map<String, Object> of(DiscrepancyRow row) {
        Map<String, Object> view = told(row);
        view.put("json", side(row.jsonSide));
        view.put("postgres", side(row.postgresSide));
        return view;
    }

    /** Without both sides: for listeners, who need no values. */
    public static Map<String, Object> told(DiscrepancyRow row) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", row.id);
        view.put("kind", row.kind);
        view.put("entry_id", row.entryId);
        view.put("type", row.type);
        view.put("fields", fields(row));
        view.put("damaged", row.damaged);
        view.put("place", row.place);
        view.put("cause", row.cause);
        view.put("cause_code", row.causeCode);
        view.put("change", change(row));
        view.put("found_by", row.foundBy);
        view.put("state", row.state);
        view.put("found_at", row.foundAt);
        view.put("seen_at", row.seenAt);
        view.put("resolved_at", row.resolvedAt);
        view.put("resolution", row.resolution);
        view.put("actor", row.actor);
        view.put("reason", row.reason);
        view.put("repairs_tried", row.repairsTried);
        view.put("last_repair", row.lastRepair);
        view.put("verification_id", row.verificationId);
        return view;
    }

    static List<String> fields(DiscrepancyRow row) {
        return row.fields == null || row.fields.isEmpty() ? List.of() : List.of(row.fields.split(","));
    }

    private static Map<String, Object> change(DiscrepancyRow row) {
        if (row.changeId == null) {
            return null;
        }
        Map<String, Object> change = new LinkedHashMap<>();
        change.put("id", row.changeId);
        change.put("version", row.changeVersion);
        change.put("position", row.changePosition);
        change.put("at", row.changedAt);
        return change;
    }

    static JsonNode side(String text) {
        try {
            return text == null ? null : JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored side is not JSON", e);
        }
    }
}
