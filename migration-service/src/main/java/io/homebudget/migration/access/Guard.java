package io.homebudget.migration.access;

import io.homebudget.ledger.access.AccessTokens;
import io.homebudget.ledger.access.Role;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.migration.config.MigrationConfig;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** Who may do what here. Made at start, so that a service with unfit tokens does not start outside development. */
@Startup
@Singleton
public class Guard {
    private final AccessTokens tokens;

    Guard(Tokens configured, MigrationConfig config) {
        Map<Role, String> given = new EnumMap<>(Role.class);
        configured.operator().ifPresent(token -> given.put(Role.OPERATOR, token));
        configured.viewer().ifPresent(token -> given.put(Role.VIEWER, token));
        configured.service().ifPresent(token -> given.put(Role.SERVICE, token));
        tokens = AccessTokens.of(config.env(), given);
    }

    /** @param authorization the header as sent; empty: the bearer may do what {@code wanted} may */
    public Optional<Refusal> check(String authorization, Role wanted) {
        return tokens.check(authorization, wanted);
    }

    /** Whether the bearer of this bare token may read. */
    public boolean mayRead(String token) {
        return check("Bearer " + token, Role.VIEWER).isEmpty();
    }
}
