package io.homebudget.backup.wiring;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.FolderOwner;
import io.homebudget.backup.checking.Checker;
import io.homebudget.backup.config.BackupConfig;
import io.homebudget.backup.drill.Drill;
import io.homebudget.backup.drill.DrillConfig;
import io.homebudget.backup.drill.Drills;
import io.homebudget.backup.jobs.JobBook;
import io.homebudget.backup.jobs.JobRunner;
import io.homebudget.backup.ledgers.Ledgers;
import io.homebudget.backup.making.SnapshotMaker;
import io.homebudget.backup.recovery.Bases;
import io.homebudget.backup.recovery.KafkaChanges;
import io.homebudget.backup.recovery.Recoveries;
import io.homebudget.backup.recovery.Room;
import io.homebudget.backup.remote.Transfers;
import io.homebudget.backup.restore.LedgerCalls;
import io.homebudget.backup.restore.Restores;
import io.homebudget.backup.restore.Safety;
import io.homebudget.ledger.config.DatabaseUrl;
import io.homebudget.ledger.entry.Kind;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;

/** How restores, drills and recoveries are put together. */
@ApplicationScoped
class RecoveryWiring {

    /** The ledger services' calls by kind. */
    static final class Calls implements Function<Kind, LedgerCalls> {
        private final Map<Kind, LedgerCalls> byKind = new EnumMap<>(Kind.class);

        Calls(BackupConfig.Ledgers config) {
            for (Kind kind : Kind.values()) {
                byKind.put(kind, new LedgerCalls(kind, config));
            }
        }

        @Override
        public LedgerCalls apply(Kind kind) {
            return byKind.get(kind);
        }
    }

    @Produces
    @Singleton
    Calls calls(BackupConfig config) {
        return new Calls(config.ledgers());
    }

    @Produces
    @Singleton
    Safety safety(SnapshotMaker maker, Catalogue catalogue) {
        return new Safety(maker, catalogue);
    }

    @Produces
    @Singleton
    Restores restores(
            FolderOwner owner,
            JobRunner runner,
            Catalogue catalogue,
            Transfers transfers,
            Checker checker,
            Safety safety,
            Ledgers ledgers,
            Calls calls) {
        return new Restores(owner, runner, catalogue, transfers, checker, safety, ledgers, calls);
    }

    @Produces
    @Singleton
    Bases bases(Catalogue catalogue, Calls calls, BackupConfig config) {
        return new Bases(
                catalogue, calls, (kind, from) -> config.kafka().map(servers -> new KafkaChanges(kind, from, servers)));
    }

    @Produces
    @Singleton
    Recoveries recoveries(
            FolderOwner owner,
            JobRunner runner,
            Catalogue catalogue,
            Checker checker,
            Safety safety,
            Bases bases,
            Calls calls) {
        return new Recoveries(owner, runner, catalogue, checker, safety, bases, calls, Room.ofHeap());
    }

    @Produces
    @Singleton
    Drills drills(
            FolderOwner owner,
            JobRunner runner,
            JobBook jobs,
            Catalogue catalogue,
            Checker checker,
            Ledgers ledgers,
            Calls calls,
            DrillConfig config) {
        return new Drills(
                owner,
                runner,
                jobs,
                new Drill(
                        catalogue,
                        checker,
                        ledgers,
                        calls,
                        config.databaseUrl().filter(url -> !url.isBlank()).map(DatabaseUrl::parse),
                        new SecureRandom(),
                        Room.ofHeap()));
    }
}
