package io.homebudget.ledger.storage.flags;

import io.homebudget.ledger.config.DatabaseUrlConfigSource;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * The flags as PostgreSQL has them. Reading never fails and never waits long: without PostgreSQL there are no rows, and what
 * the environment and the defaults say applies.
 */
@Singleton
public class FlagRows {
    private static final Logger LOG = Logger.getLogger(FlagRows.class);
    /** A flag decides about a request, so asking for it may not cost more than one. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final boolean configured;

    public FlagRows(@ConfigProperty(name = DatabaseUrlConfigSource.CONFIGURED) boolean configured) {
        this.configured = configured;
    }

    boolean configured() {
        return configured;
    }

    Uni<List<FeatureFlag>> applyingTo(String user) {
        if (!configured) {
            return Uni.createFrom().item(List.of());
        }
        return Panache.withSession(() -> FeatureFlag.applyingTo(user))
                .ifNoItem()
                .after(PATIENCE)
                .fail()
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.debug("flags cannot be read, environment and defaults apply", failure);
                    return List.of();
                });
    }

    /**
     * Creates or changes the row. Goes on when the caller goes away, so that a client that hangs up leaves no transaction open.
     */
    Uni<FeatureFlag> set(String name, String user, boolean enabled, String description, Clock clock) {
        Uni<FeatureFlag> write =
                Panache.withTransaction(() -> FeatureFlag.row(name, user).chain(found -> {
                    FeatureFlag flag = found == null ? new FeatureFlag() : found;
                    OffsetDateTime now = OffsetDateTime.now(clock).withOffsetSameInstant(ZoneOffset.UTC);
                    flag.enabled = enabled;
                    flag.updatedAt = now;
                    if (description != null) {
                        flag.description = description;
                    }
                    if (found != null) {
                        return Uni.createFrom().item(found);
                    }
                    flag.name = name;
                    flag.userId = user;
                    flag.createdAt = now;
                    return flag.<FeatureFlag>persist();
                }));
        Uni<FeatureFlag> bounded = write.ifNoItem().after(PATIENCE).fail();
        return Uni.createFrom().emitter(emitter -> bounded.subscribe().with(emitter::complete, emitter::fail));
    }
}
