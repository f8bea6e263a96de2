package io.homebudget.backup.access;

import io.homebudget.backup.config.BackupConfig;
import io.homebudget.ledger.access.AccessTokens;
import io.homebudget.ledger.access.Role;
import io.homebudget.ledger.error.Refusal;
import io.quarkus.runtime.Startup;
import jakarta.inject.Singleton;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Who may do what here. Made at start, so that a service with unfit tokens does not start outside development. */
@Startup
@Singleton
public class Guard {
    private static final String SNAPSHOTS = "/api/v1/backups";
    private static final String DATABASE_BACKUP = "/api/database/backup";

    private final AccessTokens tokens;

    Guard(Tokens configured, BackupConfig config) {
        Map<Role, String> given = new EnumMap<>(Role.class);
        configured.operator().ifPresent(token -> given.put(Role.OPERATOR, token));
        configured.viewer().ifPresent(token -> given.put(Role.VIEWER, token));
        configured.service().ifPresent(token -> given.put(Role.SERVICE, token));
        tokens = AccessTokens.of(config.env(), given);
    }

    /**
     * Reading takes the viewer's, operator's or service's token; ordering a snapshot the operator's or service's; everything
     * else the operator's.
     *
     * @param authorization the header as sent; null where there was none
     * @return empty where the call may go on
     */
    public Optional<Refusal> check(String authorization, String method, String path) {
        if (method.equals("GET") || method.equals("HEAD")) {
            return tokens.check(authorization, Role.VIEWER, Role.SERVICE);
        }
        String plain = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        if (plain.equals(SNAPSHOTS) || plain.equals(DATABASE_BACKUP)) {
            return tokens.check(authorization, Role.OPERATOR, Role.SERVICE);
        }
        return tokens.check(authorization, Role.OPERATOR);
    }

    /** Who is recorded as the actor: the role in whose name the call came. */
    public String actor(String authorization) {
        return tokens.roleOf(authorization)
                .map(role -> role.name().toLowerCase(Locale.ROOT))
                .orElse("nobody");
    }
}
