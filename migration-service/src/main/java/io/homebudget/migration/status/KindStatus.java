package io.homebudget.migration.status;

import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.migration.gates.Check;
import io.homebudget.migration.gates.Gates;
import io.homebudget.migration.verify.ProofRow;
import io.homebudget.migration.verify.VerificationBook;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One kind's part of the status. Pure functions. */
final class KindStatus {
    private KindStatus() {}

    static Map<String, Object> of(
            LedgerState state,
            Optional<VerificationBook.Standing> verified,
            List<Check> checks,
            Optional<String> closed) {
        Optional<ProofRow> proof = verified.flatMap(VerificationBook.Standing::proof);
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("phase", state.phase());
        view.put("epoch", state.epoch());
        view.put("primary", state.primary());
        view.put("follower", state.follower());
        view.put("follower_state", state.followerState());
        view.put("in_sync", state.inSync());
        view.put("follower_lag", state.followerLag());
        view.put("oldest_pending_seconds", state.oldestPendingSeconds());
        view.put("publish_backlog", state.publishBacklog());
        view.put("publisher", state.publisher());
        view.put("entries", entries(state));
        view.put("rejected", state.rejected());
        view.put("orphans", state.orphans());
        view.put(
                "discrepancies_open",
                verified.map(VerificationBook.Standing::openCount).orElse(null));
        view.put("verified_through", proof.map(row -> row.through).orElse(null));
        view.put("verified_at", proof.map(row -> row.at).orElse(null));
        view.put("rollback_ready", rollbackReady(Readiness.of(state, closed)));
        view.put(
                "next_phase",
                state.phase() == null ? null : state.phase().next().orElse(null));
        view.put("blocked_by", blockedBy(state, checks));
        view.put("phase_since", state.phaseSince());
        view.put("pinned", state.pinned());
        view.put("stores", state.stores());
        view.put("notices", state.notices());
        view.put("reason", state.phase() == null ? "The store that decides cannot be reached." : null);
        return view;
    }

    /** A kind whose service does not answer: everything is unknown, and says why. */
    static Map<String, Object> away(String why) {
        Map<String, Object> view = new LinkedHashMap<>();
        for (String name : List.of(
                "phase",
                "epoch",
                "primary",
                "follower",
                "in_sync",
                "follower_lag",
                "oldest_pending_seconds",
                "publish_backlog")) {
            view.put(name, null);
        }
        Map<String, Object> entries = new LinkedHashMap<>();
        entries.put("json", null);
        entries.put("postgres", null);
        view.put("entries", entries);
        for (String name : List.of("rejected", "discrepancies_open", "verified_through", "verified_at")) {
            view.put(name, null);
        }
        view.put("rollback_ready", rollbackReady(Readiness.away(why)));
        view.put("next_phase", null);
        view.put("blocked_by", List.of(blocker("ledger_reachable", why, "Start that service.")));
        view.put("reason", why);
        return view;
    }

    private static Map<String, Object> entries(LedgerState state) {
        Map<String, Object> entries = new LinkedHashMap<>();
        for (String store : List.of("json", "postgres")) {
            entries.put(store, state.entries() == null ? null : state.entries().get(store));
        }
        return entries;
    }

    private static Map<String, Object> rollbackReady(Readiness readiness) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("ready", readiness.ready());
        view.put("reason", readiness.reason());
        view.put("blocker", readiness.blocker().word());
        return view;
    }

    private static List<Map<String, Object>> blockedBy(LedgerState state, List<Check> checks) {
        List<Map<String, Object>> blocked = new ArrayList<>();
        Phase pinned = state.pinned();
        if (pinned != null && pinned != state.phase()) {
            blocked.add(blocker(
                    "phase_pinned",
                    "The environment pins " + pinned + ", but " + state.phase() + " is recorded and rules.",
                    "Take the ledger there by runs, or change the environment."));
        }
        Gates.closed(checks).forEach(check -> blocked.add(blocker(check.name(), check.reason(), check.advice())));
        return blocked;
    }

    private static Map<String, Object> blocker(String name, String reason, String advice) {
        Map<String, Object> blocker = new LinkedHashMap<>();
        blocker.put("name", name);
        blocker.put("reason", reason);
        blocker.put("advice", advice);
        return blocker;
    }
}
