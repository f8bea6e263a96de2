package io.homebudget.ledger.storage.api;

import io.homebudget.ledger.entry.EntryRules;
import io.homebudget.ledger.entry.Kind;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Makes the one set of rules of this service, for the API and for whoever takes in files. */
public class RulesProducer {

    @Produces
    @Singleton
    EntryRules rules(
            @ConfigProperty(name = "ledger.kind") String kind,
            @ConfigProperty(name = "ledger.default-currency", defaultValue = "\u20aa") String defaultCurrency) {
        return new EntryRules(
                Kind.ofWord(kind)
                        .orElseThrow(() -> new IllegalStateException(
                                "ledger.kind must be expense or income: it names what this service keeps")),
                defaultCurrency);
    }
}
