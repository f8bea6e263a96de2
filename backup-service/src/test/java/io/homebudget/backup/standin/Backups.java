package io.homebudget.backup.standin;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.FolderOwner;
import io.homebudget.backup.checking.Checker;
import io.homebudget.backup.config.BackupConfig;
import io.homebudget.backup.drill.Drill;
import io.homebudget.backup.drill.Drills;
import io.homebudget.backup.format.Reason;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.jobs.Job;
import io.homebudget.backup.jobs.JobBook;
import io.homebudget.backup.jobs.JobRunner;
import io.homebudget.backup.ledgers.Ledgers;
import io.homebudget.backup.making.SnapshotMaker;
import io.homebudget.backup.making.SnapshotOrder;
import io.homebudget.backup.making.TopicEnds;
import io.homebudget.backup.recovery.Bases;
import io.homebudget.backup.recovery.Changes;
import io.homebudget.backup.recovery.Recoveries;
import io.homebudget.backup.recovery.Room;
import io.homebudget.backup.remote.RemoteCopies;
import io.homebudget.backup.remote.Transfers;
import io.homebudget.backup.restore.LedgerCalls;
import io.homebudget.backup.restore.Restores;
import io.homebudget.backup.restore.Safety;
import io.homebudget.ledger.config.DatabaseUrl;
import io.homebudget.ledger.entry.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.awaitility.Awaitility;

/** Everything behind the backup API, over two living ledgers. */
public final class Backups implements AutoCloseable {
    public final LivingLedger expense = new LivingLedger(Kind.EXPENSE, 21);
    public final LivingLedger income = new LivingLedger(Kind.INCOME, 22);
    public final Catalogue catalogue;
    public final Restores restores;
    public final Recoveries recoveries;
    public final Drills drills;
    private final Map<Kind, Changes> topic = new ConcurrentHashMap<>();
    private final SnapshotMaker maker;
    private final JobBook jobs;
    private final JobRunner runner;
    private final FolderOwner owner;

    public Backups(Path folder, Optional<DatabaseUrl> database) {
        this(folder, database, Room.ofHeap());
    }

    /** @param room of recoveries and drills, each */
    public Backups(Path folder, Optional<DatabaseUrl> database, Room room) {
        Clock clock = Clock.systemUTC();
        BackupConfig.Ledgers config = config();
        Ledgers ledgers = new Ledgers(config);
        Function<Kind, LedgerCalls> calls = kind -> new LedgerCalls(kind, config);
        catalogue = new Catalogue(folder);
        jobs = new JobBook(folder.resolve(".jobs"), clock);
        runner = new JobRunner(jobs, clock);
        owner = new FolderOwner(catalogue, jobs, clock);
        owner.own();
        maker = new SnapshotMaker(catalogue, ledgers, new TopicEnds(null), clock, new Random(5)::nextInt);
        Checker checker = new Checker(catalogue, clock);
        Safety safety = new Safety(maker, catalogue);
        Transfers transfers = new Transfers(catalogue, RemoteCopies.NONE, clock);
        restores = new Restores(owner, runner, catalogue, transfers, checker, safety, ledgers, calls);
        recoveries = new Recoveries(owner, runner, catalogue, checker, safety, bases(catalogue, calls), calls, room);
        drills = new Drills(
                owner, runner, jobs, new Drill(catalogue, checker, ledgers, calls, database, new Random(9), room));
    }

    /** Topics that hold every change of the living ledgers up to a position. */
    private Bases bases(Catalogue snapshots, Function<Kind, LedgerCalls> calls) {
        return new Bases(snapshots, calls, (kind, from) -> Optional.ofNullable(topic.get(kind)));
    }

    public LedgerCalls calls(Kind kind) {
        return new LedgerCalls(kind, config());
    }

    public void publishes(Kind kind, Changes changes) {
        topic.put(kind, changes);
    }

    public SnapshotId snapshot() throws IOException, InterruptedException {
        return maker.make(new SnapshotOrder(Reason.MANUAL, "operator", null), new Telling())
                .id();
    }

    /** The job when it has ended. */
    public Job ended(Job job) {
        UUID id = job.id();
        Awaitility.await("the job ends")
                .atMost(Duration.ofSeconds(60))
                .until(() -> jobs.find(id).orElseThrow().state().isFinal());
        return jobs.find(id).orElseThrow();
    }

    private BackupConfig.Ledgers config() {
        return new BackupConfig.Ledgers() {
            @Override
            public String expenseUrl() {
                return expense.url();
            }

            @Override
            public String incomeUrl() {
                return income.url();
            }

            @Override
            public Optional<String> token() {
                return Optional.of(LedgerServer.TOKEN);
            }

            @Override
            public Duration connectTimeout() {
                return Duration.ofSeconds(2);
            }

            @Override
            public Duration quickTimeout() {
                return Duration.ofSeconds(5);
            }

            @Override
            public Duration stallTimeout() {
                return Duration.ofSeconds(5);
            }
        };
    }

    @Override
    public void close() {
        runner.close();
        owner.close();
        expense.close();
        income.close();
    }
}
