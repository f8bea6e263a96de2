package io.homebudget.backup.config;

import io.smallrye.config.ConfigMapping;
import java.time.Duration;
import java.util.Optional;

/** What the environment decides about snapshots. Each default has its reason in application.properties. */
@ConfigMapping(prefix = "backup")
public interface BackupConfig {

    /** {@code dev}, {@code staging} or {@code prod}. */
    String env();

    /** The folder of all snapshots. */
    String dir();

    /** Where topics' ends are asked; empty where there is no Kafka. */
    Optional<String> kafka();

    /** Between two looks at the calendar and the folder. */
    Duration lookEvery();

    Schedule schedule();

    Retention retention();

    Ledgers ledgers();

    S3 s3();

    interface Schedule {
        /** When snapshots are made: six or seven fields as in Quartz, UTC; {@code off} for never. */
        String snapshots();

        /** When retention runs and old snapshots are verified in turn. */
        String upkeep();

        /** Within how many upkeeps every kept snapshot has been verified anew. */
        int verifyAllWithin();

        /** A newest good snapshot older than this makes the service unhealthy. */
        Duration tooOld();
    }

    interface Retention {
        int keepLast();

        Duration keepFor();

        int keepHourly();

        int keepDaily();

        int keepWeekly();

        int keepMonthly();

        Duration migrationKeepFor();

        int migrationKeepLast();

        /** How long the last JSON files are kept after a kind has moved to the database alone. */
        Duration arrayKeepFor();
    }

    interface Ledgers {
        String expenseUrl();

        String incomeUrl();

        Optional<String> token();

        Duration connectTimeout();

        /** For an answer from memory. */
        Duration quickTimeout();

        /** Without a byte of an export for this long it has broken off. */
        Duration stallTimeout();
    }

    /** Nothing is copied anywhere while there is no bucket. */
    interface S3 {
        Optional<String> bucket();

        /** Put before every name; empty or ending in {@code /}. */
        Optional<String> prefix();

        /** Of a store that is not Amazon's. */
        Optional<String> endpoint();

        String region();

        /** Where empty, the environment decides as the AWS SDK documents it. */
        Optional<String> accessKey();

        Optional<String> secretKey();

        /** {@code http://host:port/bucket/key} instead of {@code http://bucket.host:port/key}. */
        boolean pathStyle();

        /** 32 bytes in Base64: what is uploaded is encrypted with it before it leaves this process. */
        Optional<String> encryptionKey();

        Duration callTimeout();

        /** Of a page of the list of copies, repetitions included. */
        Duration listTimeout();

        /** Of sending and fetching. */
        int attempts();

        /** Before the second attempt; it doubles from there. */
        Duration firstPause();

        Duration longestPause();

        /** Of a multipart upload; an interrupted upload goes on after its last whole part. */
        int partMegabytes();
    }
}
