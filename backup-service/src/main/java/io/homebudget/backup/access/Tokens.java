package io.homebudget.backup.access;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** The bearer tokens, made by whoever starts the service. */
@ConfigMapping(prefix = "access")
public interface Tokens {
    Optional<String> operator();

    Optional<String> viewer();

    /** Sent to the ledger services, and by migration-service, which orders snapshots before its steps. */
    Optional<String> service();
}
