package io.homebudget.ledger.storage.access;

import io.homebudget.ledger.access.AccessTokens;
import io.homebudget.ledger.access.Role;
import io.homebudget.ledger.storage.api.ApiConfig;
import io.quarkus.runtime.Startup;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.Map;
import org.eclipse.microprofile.config.Config;

/** Reads the tokens when the service starts, so that one that will not do stops it then and not at the first call. */
public class Access {

    @Produces
    @Singleton
    @Startup
    AccessTokens tokens(ApiConfig api, Config config) {
        Map<Role, String> tokens = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            config.getOptionalValue(role.setting(), String.class).ifPresent(token -> tokens.put(role, token));
        }
        return AccessTokens.of(api.env(), tokens);
    }
}
