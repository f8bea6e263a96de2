package io.homebudget.migration.imports;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.time.Duration;

/** What an import may take. Each default has its reason in application.properties. */
@ConfigMapping(prefix = "imports")
public interface ImportConfig {

    /** Where bodies wait and rejects are kept; survives a restart. */
    Path dir();

    /** Bytes of one body. */
    long largest();

    /** Bodies that may be received at the same time. */
    int receiving();

    /** Imports that wait or run. */
    int waiting();

    /** Records of one call to the ledger service. */
    int batch();

    /** Bytes of one call, about. */
    int batchBytes();

    /** How long rejects can be fetched. */
    Duration keepRejects();

    /** Between two looks for work. */
    Duration tick();
}
