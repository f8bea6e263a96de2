package io.homebudget.migration.access;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** The bearer tokens, made by whoever starts the service. */
@ConfigMapping(prefix = "access")
public interface Tokens {
    Optional<String> operator();

    Optional<String> viewer();

    /** Bytes of a body, imports aside. */
    long largestOrder();

    /** Sent to the ledger services; nobody calls this service with it. */
    Optional<String> service();
}
