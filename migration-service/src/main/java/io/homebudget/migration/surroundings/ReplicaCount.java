package io.homebudget.migration.surroundings;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.migration.config.MigrationConfig;
import io.homebudget.migration.gates.Known;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * How many processes answer under a ledger service's name, by its addresses. An address that hides several behind it counts as
 * one; there the ledger service itself refuses, because a process without the files takes the ledger nowhere.
 */
@ApplicationScoped
class ReplicaCount {
    private final MigrationConfig config;

    ReplicaCount(MigrationConfig config) {
        this.config = config;
    }

    Uni<Known<Integer>> of(Kind kind) {
        String url = kind == Kind.EXPENSE
                ? config.ledgers().expenseUrl()
                : config.ledgers().incomeUrl();
        String host = URI.create(url).getHost();
        return Uni.createFrom()
                .item(() -> countOnWorker(host))
                .runSubscriptionOn(Infrastructure.getDefaultWorkerPool());
    }

    private static Known<Integer> countOnWorker(String host) {
        try {
            InetAddress[] addresses = InetAddress.getAllByName(host);
            // localhost has one address per protocol and is one process all the same
            boolean here = Arrays.stream(addresses).allMatch(InetAddress::isLoopbackAddress);
            return Known.of(here ? 1 : count(addresses));
        } catch (UnknownHostException e) {
            return Known.unknown("The name " + host + " has no address.");
        }
    }

    /** Of one protocol: a machine may have addresses of both. */
    private static int count(InetAddress[] addresses) {
        long four =
                Arrays.stream(addresses).filter(Inet4Address.class::isInstance).count();
        return (int) Math.max(four, addresses.length - four);
    }
}
