package io.homebudget.ledger.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;

/** Who may know whom: services -> ledger-storage -> ledger-contract, and no service another. */
public final class ServiceRules {
    private static final String HOUSE = "io.homebudget.";

    private ServiceRules() {}

    /** @param own the service's package below {@code io.homebudget}, for example {@code expense} */
    public static ArchRule knowsNoOtherService(String own) {
        String[] others = Stream.of("expense", "income", "migration", "backup", "local", "e2e", "bench")
                .filter(name -> !name.equals(own))
                .map(name -> HOUSE + name + "..")
                .toArray(String[]::new);
        return noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(others)
                .because("services talk HTTP and Kafka and are deployed apart: what two of them exchange belongs into"
                        + " ledger-contract");
    }

    /** For services that are no ledger service. */
    public static ArchRule reachesLedgersByTheirApiOnly() {
        return noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage(HOUSE + "ledger.storage..")
                .because(
                        "only a ledger service opens its stores; everybody else asks it through /internal/v1, whose shapes are"
                                + " in ledger-contract");
    }
}
