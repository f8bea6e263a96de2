package io.homebudget.backup.wiring;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.FolderOwner;
import io.homebudget.backup.checking.Checker;
import io.homebudget.backup.config.BackupConfig;
import io.homebudget.backup.jobs.JobBook;
import io.homebudget.backup.jobs.JobRunner;
import io.homebudget.backup.ledgers.Ledgers;
import io.homebudget.backup.making.Orders;
import io.homebudget.backup.making.SnapshotMaker;
import io.homebudget.backup.making.TopicEnds;
import io.homebudget.backup.remote.RemoteCopies;
import io.homebudget.backup.remote.S3Copies;
import io.homebudget.backup.remote.Transfers;
import io.homebudget.backup.retention.Cleaner;
import io.homebudget.backup.schedule.Slots;
import io.homebudget.backup.schedule.Timetable;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;

/** The one place that knows how the parts are put together. */
@ApplicationScoped
class Wiring {
    private static final String JOBS = ".jobs";

    @Produces
    @Singleton
    Catalogue catalogue(BackupConfig config) {
        return new Catalogue(Path.of(config.dir()).toAbsolutePath().normalize());
    }

    @Produces
    @Singleton
    JobBook jobs(Catalogue catalogue, Clock clock) {
        return new JobBook(catalogue.folder().resolve(JOBS), clock);
    }

    @Produces
    @Singleton
    JobRunner runner(JobBook jobs, Clock clock) {
        return new JobRunner(jobs, clock);
    }

    void stop(@Disposes JobRunner runner) {
        runner.close();
    }

    @Produces
    @Singleton
    FolderOwner owner(Catalogue catalogue, JobBook jobs, Clock clock) {
        return new FolderOwner(catalogue, jobs, clock);
    }

    void stop(@Disposes FolderOwner owner) {
        owner.close();
    }

    @Produces
    @Singleton
    Ledgers ledgers(BackupConfig config) {
        return new Ledgers(config.ledgers());
    }

    @Produces
    @Singleton
    SnapshotMaker maker(Catalogue catalogue, Ledgers ledgers, BackupConfig config, Clock clock) {
        SecureRandom random = new SecureRandom();
        return new SnapshotMaker(
                catalogue, ledgers, new TopicEnds(config.kafka().orElse(null)), clock, random::nextInt);
    }

    @Produces
    @Singleton
    Checker checker(Catalogue catalogue, Clock clock) {
        return new Checker(catalogue, clock);
    }

    @Produces
    @Singleton
    RemoteCopies remote(BackupConfig config) {
        boolean configured =
                config.s3().bucket().filter(name -> !name.isBlank()).isPresent();
        return configured ? new S3Copies(config.s3()) : RemoteCopies.NONE;
    }

    void stop(@Disposes RemoteCopies remote) {
        if (remote instanceof S3Copies s3) {
            s3.close();
        }
    }

    @Produces
    @Singleton
    Transfers transfers(Catalogue catalogue, RemoteCopies remote, Clock clock) {
        return new Transfers(catalogue, remote, clock);
    }

    @Produces
    @Singleton
    Cleaner cleaner(Catalogue catalogue, RemoteCopies remote, BackupConfig config, Clock clock) {
        return new Cleaner(catalogue, remote, Cleaner.rules(config.retention()), clock);
    }

    @Produces
    @Singleton
    Orders orders(
            FolderOwner owner,
            JobRunner runner,
            SnapshotMaker maker,
            Catalogue catalogue,
            Checker checker,
            Cleaner cleaner,
            Transfers transfers,
            BackupConfig config) {
        return new Orders(
                owner,
                runner,
                maker,
                catalogue,
                checker,
                cleaner,
                transfers,
                config.schedule().verifyAllWithin());
    }

    @Produces
    @Singleton
    Timetable.Calendar calendar(BackupConfig config) {
        return new Timetable.Calendar(
                new Slots("BACKUP_SCHEDULE", config.schedule().snapshots()),
                new Slots("BACKUP_UPKEEP_SCHEDULE", config.schedule().upkeep()));
    }
}
