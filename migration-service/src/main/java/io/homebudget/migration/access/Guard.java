package io.homebudget.migration.access;

import io.homebudget.migration.config.MigrationConfig;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Decides who a bearer of a token is. Tokens are compared in constant time; one that is not configured matches nobody. */
@ApplicationScoped
public class Guard {
    private static final Logger LOG = Logger.getLogger(Guard.class);

    /** 16 characters of a random alphabet are beyond guessing. */
    private static final int SHORTEST = 16;

    private final Tokens tokens;
    private final MigrationConfig config;

    Guard(Tokens tokens, MigrationConfig config) {
        this.tokens = tokens;
        this.config = config;
    }

    void check(@Observes StartupEvent starting) {
        boolean good = tokens.operator().filter(token -> token.length() >= SHORTEST).isPresent();
        if (!good && !"dev".equals(config.env())) {
            throw new IllegalStateException("OPERATOR_TOKEN is missing or shorter than " + SHORTEST
                    + " characters: anybody could move the ledger. Set it to a random text and start again.");
        }
        if (tokens.operator().isEmpty()) {
            LOG.warn("OPERATOR_TOKEN is not set: every call that operates the system is refused");
        }
    }

    /** The role of the bearer; empty for a stranger. */
    public Optional<String> roleOf(String token) {
        if (token == null || token.isBlank()) {
            return Optional.empty();
        }
        if (matches(tokens.operator(), token)) {
            return Optional.of(Caller.OPERATOR);
        }
        return matches(tokens.viewer(), token) ? Optional.of(Caller.VIEWER) : Optional.empty();
    }

    private static boolean matches(Optional<String> expected, String given) {
        return expected.filter(token -> !token.isBlank())
                .filter(token -> MessageDigest.isEqual(
                        token.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8)))
                .isPresent();
    }
}
