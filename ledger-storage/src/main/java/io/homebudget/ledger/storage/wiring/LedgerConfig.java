package io.homebudget.ledger.storage.wiring;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The engine's settings; the reasons for the values stand in application.properties. */
@ConfigMapping(prefix = "ledger.engine")
public interface LedgerConfig {

    /** Where the array file, the journal and the metadata lie; owned by one process at a time. */
    Path dataDir();

    /** Whether a pending schema upgrade is applied at start without asking. */
    boolean autoMigrate();

    /** How long one statement of a step of the schema may work. */
    Duration schemaTimeout();

    /**
     * How long a new and empty data folder waits for PostgreSQL to say whether the ledger lies elsewhere, before an empty one
     * is served; missing: until it answers.
     */
    Optional<Duration> newStoreWait();

    /** {@code FF_USE_DATABASE_STORAGE}; together with the other flag it pins a phase, alone it refuses the start. */
    Optional<Boolean> useDatabaseStorage();

    /** {@code FF_DUAL_WRITE_ENABLED}. */
    Optional<Boolean> dualWriteEnabled();

    Log log();

    Events events();

    ShadowReads shadowReads();

    /** Reads that the follower answers too, for comparing. */
    interface ShadowReads {
        /** The share of reads that are compared, 0 to 1. */
        @WithDefault("0.01")
        double share();
    }

    /** How long the change log is, in positions. */
    interface Log {
        /** Kept for the audit even when nobody needs it any more. */
        @WithDefault("1000000")
        long history();

        /** Kept at most; then the follower needs a backfill and the publisher a baseline. */
        @WithDefault("5000000")
        long limit();
    }

    /** Publishing to Kafka. */
    interface Events {
        /** Without it nothing is published; the backlog is counted all the same. */
        Optional<String> bootstrapServers();

        @WithDefault("6")
        int partitions();

        /** -1: the broker's default. */
        @WithDefault("-1")
        short replicationFactor();

        /** At least the age of the oldest kept snapshot. */
        @WithDefault("35d")
        Duration retention();
    }
}
