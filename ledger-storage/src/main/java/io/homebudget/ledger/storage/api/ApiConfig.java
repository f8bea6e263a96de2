package io.homebudget.ledger.storage.api;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** What can be set about the HTTP API; the reasons for the values stand in application.properties. */
@ConfigMapping(prefix = "ledger.api")
public interface ApiConfig {

    /** {@code dev}, {@code staging} or {@code prod}. */
    @WithDefault("dev")
    String env();

    /** The longest request body in bytes; beyond it: 413. */
    @WithDefault("1048576")
    int maxBodyBytes();

    /** The same for the internal API. */
    @WithDefault("2097152")
    int maxInternalBodyBytes();

    RateLimit rateLimit();

    /** How many calls one client address may make. */
    interface RateLimit {
        /** Calls within {@link #period} and at once; 0: no limit. */
        @WithDefault("0")
        int calls();

        @WithDefault("1s")
        Duration period();

        /** How many addresses are remembered at most; the longest unseen is forgotten first. */
        @WithDefault("50000")
        int addresses();
    }
}
