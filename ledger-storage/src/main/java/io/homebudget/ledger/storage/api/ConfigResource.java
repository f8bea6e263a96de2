package io.homebudget.ledger.storage.api;

import io.homebudget.ledger.access.AccessTokens;
import io.homebudget.ledger.access.Role;
import io.homebudget.ledger.config.DatabaseUrl;
import io.homebudget.ledger.config.DatabaseUrlConfigSource;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.json.EntryWriter;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.config.Config;

/** Shows how the service is configured, in development only; a list of what may be shown, so that no new secret slips out. */
@Path("/api/v1/config/show")
@NonBlocking
public class ConfigResource {
    private static final List<String> SHOWN = List.of(
            "ledger.kind",
            "ledger.default-currency",
            "ledger.engine.data-dir",
            "ledger.api.max-body-bytes",
            "ledger.api.rate-limit.calls",
            "quarkus.http.port",
            "quarkus.http.cors.origins",
            "quarkus.datasource.reactive.max-size",
            "KAFKA_BOOTSTRAP_SERVERS",
            "LEDGER_DATA_DIR",
            "FF_USE_DATABASE_STORAGE",
            "FF_DUAL_WRITE_ENABLED");
    private static final String MASK = "***";

    private final ApiConfig api;
    private final Config config;

    public ConfigResource(ApiConfig api, Config config) {
        this.api = api;
        this.config = config;
    }

    @GET
    public Response show() {
        if (!AccessTokens.isDevelopment(api.env())) {
            return Answers.refusal(
                    Refusal.of(LedgerError.FORBIDDEN, "The configuration is shown in development only (ENV=dev)."));
        }
        Map<String, String> shown = new TreeMap<>();
        shown.put("env", api.env());
        for (String name : SHOWN) {
            config.getOptionalValue(name, String.class).ifPresent(value -> shown.put(key(name), value));
        }
        config.getOptionalValue(DatabaseUrlConfigSource.SETTING, String.class)
                .filter(url -> !url.isBlank())
                .ifPresent(url -> shown.put("database_url", masked(url)));
        for (Role role : Role.values()) {
            boolean set = config.getOptionalValue(role.setting(), String.class).isPresent();
            shown.put(key(role.setting()), set ? MASK : "");
        }
        StringBuilder out = new StringBuilder(600).append('{');
        shown.forEach((name, value) -> {
            EntryWriter.string(name, out.append(out.length() > 1 ? "," : ""), false);
            EntryWriter.string(value, out.append(':'), false);
        });
        return Answers.ok(out.append('}')).build();
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    private static String masked(String url) {
        try {
            return DatabaseUrl.parse(url).toString();
        } catch (IllegalArgumentException e) {
            return MASK;
        }
    }
}
