package io.homebudget.ledger.storage.flags;

import io.homebudget.ledger.error.Fault;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.error.Verdict;
import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.json.JsonBodies;
import io.homebudget.ledger.json.JsonValue;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.storage.api.Answers;
import io.homebudget.ledger.storage.routing.Ledger;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;

/**
 * Feature flags over HTTP. What applies is decided in this order: environment ({@code FF_NAME}), the user's row, the global row,
 * false. The two storage flags are the phase seen from outside: they can be read here, and changed only by a run.
 */
@Singleton
public class FlagCalls {
    static final String USE_DATABASE_STORAGE = "USE_DATABASE_STORAGE";
    static final String DUAL_WRITE_ENABLED = "DUAL_WRITE_ENABLED";
    private static final String ENVIRONMENT_PREFIX = "FF_";
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,99}");
    private static final int MAX_USER = 100;

    private final Ledger ledger;
    private final FlagRows rows;
    private final Clock clock = Clock.systemUTC();
    private final Map<String, Boolean> environment = new TreeMap<>();

    public FlagCalls(Ledger ledger, FlagRows rows, Config config) {
        this.ledger = ledger;
        this.rows = rows;
        for (String property : config.getPropertyNames()) {
            if (property.startsWith(ENVIRONMENT_PREFIX)) {
                config.getOptionalValue(property, String.class)
                        .ifPresent(
                                value -> environment.put(property.substring(3).toUpperCase(Locale.ROOT), on(value)));
            }
        }
    }

    private static boolean on(String value) {
        return Set.of("true", "1", "yes", "on").contains(value.strip().toLowerCase(Locale.ROOT));
    }

    /** A flag as it applies, and what decided. */
    record Flag(String name, boolean enabled, String source, String description) {}

    public Uni<Response> list(String user) {
        if (!isUser(user)) {
            return refuse(badUser());
        }
        return rows.applyingTo(user).map(found -> {
            Set<String> names = new TreeSet<>(environment.keySet());
            names.add(USE_DATABASE_STORAGE);
            names.add(DUAL_WRITE_ENABLED);
            found.forEach(row -> names.add(row.name.toUpperCase(Locale.ROOT)));
            StringBuilder out = new StringBuilder(names.size() * 100).append('[');
            for (String name : names) {
                write(decide(name, found), out.append(out.length() > 1 ? "," : ""));
            }
            return json(out.append(']'));
        });
    }

    public Uni<Response> one(String text, String user) {
        String name = text.toUpperCase(Locale.ROOT);
        if (!NAME.matcher(text).matches()) {
            return refuse(badName());
        }
        if (!isUser(user)) {
            return refuse(badUser());
        }
        return rows.applyingTo(user).map(found -> json(write(decide(name, found), new StringBuilder(120))));
    }

    private Flag decide(String name, List<FeatureFlag> found) {
        if (isStorageFlag(name)) {
            Phase phase = ledger.state().phase();
            boolean enabled = phase != null
                    && (name.equals(USE_DATABASE_STORAGE) ? phase.useDatabaseStorage() : phase.dualWriteEnabled());
            return new Flag(name, enabled, "phase", "Follows from the phase; a migration run changes it.");
        }
        FeatureFlag global = null;
        FeatureFlag own = null;
        for (FeatureFlag row : found) {
            if (row.name.equalsIgnoreCase(name)) {
                if (row.userId == null) {
                    global = row;
                } else {
                    own = row;
                }
            }
        }
        FeatureFlag row = own != null ? own : global;
        String description = row == null ? null : row.description;
        Boolean set = environment.get(name);
        if (set != null) {
            return new Flag(name, set, "environment", description);
        }
        return row == null
                ? new Flag(name, false, "default", null)
                : new Flag(name, row.enabled, own != null ? "user" : "global", description);
    }

    public Uni<Response> set(String text, String user, byte[] body) {
        String name = text.toUpperCase(Locale.ROOT);
        List<Fault> faults = new ArrayList<>(0);
        Verdict<Map<String, JsonValue>> read = JsonBodies.object(body, Set.of("enabled", "description"));
        if (!read.accepted()) {
            return refuse(read.refusal());
        }
        JsonValue enabled = read.value().get("enabled");
        JsonValue description = read.value().getOrDefault("description", JsonValue.NULL);
        if (enabled == null) {
            faults.add(Fault.inBody("enabled", "Field required", "missing"));
        } else if (!enabled.is(JsonValue.Type.BOOLEAN)) {
            faults.add(Fault.inBody(
                    "enabled",
                    "Input should be a valid boolean; it is " + enabled.type().words(),
                    "bool_type"));
        }
        if (!description.isNull()
                && (!description.is(JsonValue.Type.STRING) || description.text().indexOf('\0') >= 0)) {
            faults.add(Fault.inBody("description", "Input should be a valid string without NUL", "string_type"));
        }
        if (!faults.isEmpty()) {
            return refuse(Refusal.invalid(faults));
        }
        if (!NAME.matcher(text).matches()) {
            return refuse(badName());
        }
        if (!isUser(user)) {
            return refuse(badUser());
        }
        if (isStorageFlag(name)) {
            return refuse(Refusal.of(
                    LedgerError.CONFLICT,
                    "This flag follows from the phase and is read-only here: ask for another phase with"
                            + " POST /api/v1/migration/runs."));
        }
        if (!rows.configured()) {
            return refuse(notWritten());
        }
        return rows.set(name, user, enabled == JsonValue.TRUE, description.text(), clock)
                .chain(() -> one(text, user))
                .onFailure()
                .recoverWithItem(failure -> Answers.refusal(reached(failure) ? unknown() : notWritten()));
    }

    /** Whether the failure came after a connection stood, so that the write may have happened. */
    private static boolean reached(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof ConnectException) {
                return false;
            }
        }
        return true;
    }

    /** Whether this is nobody in particular, or somebody whom the column can hold. */
    private static boolean isUser(String user) {
        return user == null
                || !user.isEmpty() && user.codePointCount(0, user.length()) <= MAX_USER && user.indexOf('\0') < 0;
    }

    private static boolean isStorageFlag(String name) {
        return name.equals(USE_DATABASE_STORAGE) || name.equals(DUAL_WRITE_ENABLED);
    }

    private static StringBuilder write(Flag flag, StringBuilder out) {
        EntryWriter.string(flag.name(), out.append("{\"name\":"), false);
        out.append(",\"enabled\":")
                .append(flag.enabled())
                .append(",\"source\":\"")
                .append(flag.source());
        EntryWriter.string(flag.description(), out.append("\",\"description\":"), false);
        return out.append('}');
    }

    private static Response json(StringBuilder out) {
        return Response.ok(out.toString().getBytes(StandardCharsets.UTF_8), MediaType.APPLICATION_JSON_TYPE)
                .build();
    }

    private static Refusal notWritten() {
        return Refusal.of(LedgerError.NOT_WRITTEN, "Flags are kept in PostgreSQL, which is away: nothing was written.");
    }

    private static Refusal unknown() {
        return Refusal.of(
                LedgerError.OUTCOME_UNKNOWN,
                "PostgreSQL gave no answer: the flag is set or not. Setting it again is safe.");
    }

    private static Refusal badName() {
        return Refusal.invalid(List.of(new Fault(
                List.of("path", "name"),
                "Name should be a letter and then at most 99 letters, digits or underscores",
                "value_error")));
    }

    private static Refusal badUser() {
        return Refusal.invalid(List.of(new Fault(
                List.of("query", "user_id"), "String should have 1 to " + MAX_USER + " characters", "value_error")));
    }

    private static Uni<Response> refuse(Refusal refusal) {
        return Uni.createFrom().item(Answers.refusal(refusal));
    }
}
