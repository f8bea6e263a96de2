package io.homebudget.migration.config;

import io.smallrye.config.ConfigMapping;
import java.time.Duration;
import java.util.Optional;

/** What the environment decides about runs, gates and verification. Each default has its reason in application.properties. */
@ConfigMapping(prefix = "migration")
public interface MigrationConfig {

    /** {@code dev}, {@code staging} or {@code prod}. */
    String env();

    /** Whether a run needs {@code "consent": true} even forwards; going back always does. */
    boolean requireExplicitConsent();

    /** Whether this service's tables are made and upgraded without being asked. */
    boolean autoMigrate();

    /** Whether a run asks backup-service for a snapshot before it changes anything. */
    boolean backupBeforeMigrate();

    /** A run that makes no progress for this long fails. */
    Duration timeout();

    /** Until so long after the change to {@code DATABASE_ONLY} closing the way back needs a further word. */
    Duration rollbackWindow();

    /** How long this service's own tables may take for one transaction before PostgreSQL counts as away. */
    Duration databaseLimit();

    /** How long a service may take to tell its schema before it is told as away. */
    Duration schemaLimit();

    Gates gates();

    Lease lease();

    Verify verify();

    Ledgers ledgers();

    Reconcile reconcile();

    Repair repair();

    interface Gates {
        /** How long a dual phase must have been in use before the next step. */
        Duration soak();

        /** How old a clean verification may be to count as recent. */
        Duration verificationAge();

        /** How old a verified snapshot may be, where runs make none themselves. */
        Duration snapshotAge();

        /** A folder on the disk of PostgreSQL; without one its free room is not known. */
        Optional<String> databaseDisk();

        /** How long an order waits for gates that may open by themselves before it is refused. */
        Duration patience();
    }

    interface Lease {
        /** How long an owner may stay silent before another replica takes its runs. */
        Duration length();

        /** Between two looks at a run. */
        Duration tick();
    }

    interface Verify {
        /** Buckets of the first comparison, up to {@link #growAbove} entries. */
        int buckets();

        long growAbove();

        /** Entries compared one by one in one round. */
        int batch();

        /** Without any step forward for this long a verification fails. */
        Duration patience();
    }

    interface Reconcile {
        /** Where Kafka is; without it changes are not compared by themselves, and nothing is told of discrepancies there. */
        Optional<String> bootstrapServers();

        /** Events compared at once. */
        int batch();

        /** How long changes are collected at most, where they are too few for a batch. */
        Duration gather();

        /** Between two looks at how far everything is compared. */
        Duration proofs();
    }

    interface Repair {
        /** Whether what differs is repaired without being asked. */
        boolean automatic();

        /** Between two looks at what is open. */
        Duration recheck();

        /** Automatic repairs of one discrepancy before it is left to a person. */
        int attempts();
    }

    interface Ledgers {
        String expenseUrl();

        String incomeUrl();

        Optional<String> backupUrl();

        Optional<String> token();

        Duration connectTimeout();

        /** For calls that only read memory. */
        Duration quickTimeout();

        /** For calls that scan a store. */
        Duration slowTimeout();

        /** Attempts of a reading call before the failure is passed on. */
        int attempts();
    }
}
