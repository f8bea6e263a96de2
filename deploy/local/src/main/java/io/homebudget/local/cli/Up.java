package io.homebudget.local.cli;

import io.homebudget.local.control.ControlServer;
import io.homebudget.local.home.Credentials;
import io.homebudget.local.home.Home;
import io.homebudget.local.home.HomeLock;
import io.homebudget.local.home.JsonImport;
import io.homebudget.local.home.Ports;
import io.homebudget.local.home.Refused;
import io.homebudget.local.http.JsonHttp;
import io.homebudget.local.move.Move;
import io.homebudget.local.move.MoveReport;
import io.homebudget.local.move.ProgressLine;
import io.homebudget.local.stack.Stack;
import io.homebudget.local.supervision.MemberStatus;
import io.homebudget.local.supervision.Orphans;
import io.homebudget.local.supervision.Probe;
import io.homebudget.local.supervision.Supervisor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code deploy/local/up}: the whole system on one machine, watched until it is told to stop. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Starts PostgreSQL, Kafka, the four services and the front door on this machine and watches them.",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:stopped by SIGINT, SIGTERM or ctl down; with --migrate --exit: everything verified equal",
            "1:could not start or go on; the reason is said",
            "2:a service refuses to serve a damaged store; its advice is said (or: wrong arguments)",
            "3:with --migrate --exit: equal, but records were rejected at import"
        })
public final class Up implements Callable<Integer> {
    /** PostgreSQL's first start unpacks and initialises: about 3 s here, ten times that on a slow disk. */
    private static final Duration POSTGRES_HEAD_START = Duration.ofSeconds(40);

    private static final Duration SAY_EVERY = Duration.ofSeconds(5);
    /** A script that waits for --exit must not wait for ever. A person may. */
    private static final Duration EXIT_START_LIMIT = Duration.ofMinutes(5);

    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = "all data, logs and pid files (default: .local in the repository)")
    private Path homeFolder;

    @Option(
            names = "--port",
            paramLabel = "B",
            defaultValue = "8000",
            description =
                    "front door B, expense B+1, income B+2, migration B+3, backup B+4, PostgreSQL B+5, Kafka B+6 and B+7"
                            + " (default: ${DEFAULT-VALUE})")
    private int port;

    @Option(
            names = "--import",
            paramLabel = "DIR",
            description = "DIR/expenses.json and DIR/incomes.json become the JSON stores of an empty home"
                    + " (default: the sample ledger of the project)")
    private Path importFolder;

    @Option(
            names = "--migrate",
            description =
                    "once up, take both kinds to DATABASE_ONLY (the flag is the consent), verify, snapshot, report")
    private boolean migrate;

    @Option(names = "--exit", description = "stop everything when that is done")
    private boolean exit;

    @Option(
            names = "--without",
            paramLabel = "NAME",
            description = "start without postgres, kafka or a service (repeatable); ctl start NAME adds it later")
    private List<String> without = new ArrayList<>();

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile boolean signalled;
    private boolean terminal;

    public static void main(String[] arguments) {
        CommandLine command = new CommandLine(new Up());
        command.setExecutionExceptionHandler(new PlainErrors("up"));
        System.exit(command.execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        terminal = ProgressLine.onTerminal();
        for (String name : without) {
            if (!Stack.MEMBERS.contains(name)) {
                throw new Refused("--without " + name + ": one of " + String.join(", ", Stack.MEMBERS) + ".", 2);
            }
        }
        Path root = Roots.repository();
        Home home = Home.made(homeFolder == null ? root.resolve(".local") : homeFolder);
        try (HomeLock lock = HomeLock.take(home)) {
            return hold(home, root, new Ports(port));
        }
    }

    private int hold(Home home, Path root, Ports ports) throws Exception {
        int orphans = new Orphans(home).stop();
        if (orphans > 0) {
            say("stopped " + orphans + " processes that an earlier up on this home had left");
        }
        List<String> wanted =
                Stack.MEMBERS.stream().filter(name -> !without.contains(name)).toList();
        List<String> needed = new ArrayList<>(Stack.MEMBERS);
        needed.add("kafka controller");
        ports.refuseTaken(needed);
        new JsonImport(home, root.resolve("deploy/local/sample"))
                .run(importFolder)
                .forEach(line -> say("import: " + line));
        Credentials credentials = new Credentials(home).ensure(ports);
        home.rememberPorts(ports);
        Supervisor supervisor =
                new Supervisor(new Stack(root, home, ports, credentials).members(), home, this::say, Clock.systemUTC());
        Runtime.getRuntime().addShutdownHook(new Thread(this::stopOnSignal, "stop-on-signal"));
        try (ControlServer control = new ControlServer(home, supervisor, asked::countDown)) {
            int status = 1;
            try {
                status = serve(home, ports, credentials, supervisor, wanted);
            } finally {
                say("stopping");
                supervisor.stopInOrder(Stack.STOP_STAGES);
                say("stopped");
            }
            return status;
        } finally {
            finished.countDown();
        }
    }

    private int serve(Home home, Ports ports, Credentials credentials, Supervisor supervisor, List<String> wanted)
            throws InterruptedException {
        say("home " + home.folder());
        start(supervisor, wanted);
        int notReady = awaitReady(home, supervisor, wanted);
        if (notReady != 0 || stopAsked()) {
            return stopAsked() ? 0 : notReady;
        }
        sayAddresses(home, ports);
        say("ready " + ports.url("front-door"));
        int status = 0;
        if (migrate) {
            MoveReport report = move(ports, credentials, supervisor);
            if (report == null) {
                return endOf(home, supervisor);
            }
            System.out.println(report.text(home));
            status = report.exitStatus();
        }
        if (exit) {
            return status;
        }
        while (!stopAsked()) {
            Optional<String> inRecovery = supervisor.inRecovery();
            if (inRecovery.isPresent()) {
                return sayRecovery(home, supervisor, inRecovery.get());
            }
            asked.await(300, TimeUnit.MILLISECONDS);
        }
        return 0;
    }

    /** PostgreSQL first, so that its initialising does not compete with six starting JVMs for the cores. */
    private void start(Supervisor supervisor, List<String> wanted) throws InterruptedException {
        if (wanted.contains("postgres")) {
            supervisor.start("postgres");
            long limit = System.nanoTime() + POSTGRES_HEAD_START.toNanos();
            while (!supervisor.isReady("postgres")
                    && !supervisor.isGivenUp("postgres")
                    && !stopAsked()
                    && System.nanoTime() < limit) {
                supervisor.awaitChange(Duration.ofMillis(100));
            }
        }
        for (String name : wanted) {
            if (!stopAsked()) {
                supervisor.start(name);
            }
        }
    }

    /** @return 0 when all are ready; else the status to end with */
    private int awaitReady(Home home, Supervisor supervisor, List<String> wanted) throws InterruptedException {
        long began = System.nanoTime();
        long saidAt = began;
        while (!stopAsked()) {
            Optional<String> inRecovery = supervisor.inRecovery();
            if (inRecovery.isPresent()) {
                return sayRecovery(home, supervisor, inRecovery.get());
            }
            List<MemberStatus> waiting = supervisor.status().stream()
                    .filter(member ->
                            wanted.contains(member.name()) && !member.state().equals("ready"))
                    .toList();
            if (waiting.isEmpty()) {
                return 0;
            }
            for (MemberStatus member : waiting) {
                if (member.state().equals("given-up")) {
                    say(member.name() + " does not start. The end of " + home.log(member.name()) + ":");
                    Logs.tail(home.log(member.name()), 15).forEach(line -> say("  | " + line));
                    return 1;
                }
            }
            if (System.nanoTime() - saidAt > SAY_EVERY.toNanos()) {
                saidAt = System.nanoTime();
                say("waiting for "
                        + waiting.stream()
                                .map(member ->
                                        member.name() + (member.detail().isEmpty() ? "" : " (" + member.detail() + ")"))
                                .collect(Collectors.joining(", ")));
            }
            if (exit && System.nanoTime() - began > EXIT_START_LIMIT.toNanos()) {
                say("not ready within " + EXIT_START_LIMIT.toMinutes() + " minutes, and --exit was asked for");
                return 1;
            }
            supervisor.awaitChange(Duration.ofMillis(200));
        }
        return 0;
    }

    private void sayAddresses(Home home, Ports ports) {
        String base = ports.url("front-door");
        say("console     " + base + "/console");
        say("API docs    " + base + "/docs/expense, /docs/income, /docs/migration, /docs/backup");
        say("metrics     " + base + "/metrics/expense, /metrics/income, /metrics/migration, /metrics/backup");
        say("credentials " + home.credentials() + " (operator.token, viewer.token, postgres.url)");
        say("logs        " + home.logs());
    }

    /** @return null when told to stop, or a service went into recovery, before the move ended */
    private MoveReport move(Ports ports, Credentials credentials, Supervisor supervisor) throws InterruptedException {
        JsonHttp migration = new JsonHttp(ports.url("migration"), credentials.operator(), Duration.ofSeconds(60));
        JsonHttp backup = new JsonHttp(ports.url("backup"), credentials.operator(), Duration.ofSeconds(60));
        Move move = new Move(migration, backup, new ProgressLine(System.out, terminal));
        MoveReport[] report = new MoveReport[1];
        Thread mover = new Thread(
                () -> {
                    try {
                        report[0] = move.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "move");
        mover.start();
        while (mover.isAlive() && !stopAsked() && supervisor.inRecovery().isEmpty()) {
            mover.join(200);
        }
        mover.interrupt();
        mover.join();
        return report[0];
    }

    private int endOf(Home home, Supervisor supervisor) {
        return supervisor
                .inRecovery()
                .map(name -> sayRecovery(home, supervisor, name))
                .orElseGet(() -> stopAsked() ? 0 : 1);
    }

    private int sayRecovery(Home home, Supervisor supervisor, String name) {
        Probe.Recovery recovery = supervisor.recoveryOf(name);
        say(name + " is in recovery mode: its store cannot be used as it is, and it does not guess.");
        say("  file   " + recovery.file());
        say("  place  " + recovery.place());
        say("  advice " + recovery.advice());
        say("  log    " + home.log(name));
        say("  way out, where files are damaged and the advice does not help:");
        say("    deploy/local/up --home " + home.folder() + " --without " + name);
        String ctl = "    deploy/local/ctl --home " + home.folder() + " backup ";
        say(ctl + "list");
        say(ctl + "restore ID --offline --replace-damaged --kind " + name);
        say("    deploy/local/ctl --home " + home.folder() + " start " + name);
        return 2;
    }

    private boolean stopAsked() {
        return signalled || asked.getCount() == 0;
    }

    /** A signal ends in order and with status 0, which the JVM by itself would not give. */
    private void stopOnSignal() {
        if (finished.getCount() == 0) {
            return;
        }
        signalled = true;
        asked.countDown();
        try {
            finished.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private synchronized void say(String line) {
        System.out.println((terminal ? "\r\033[K" : "") + line);
    }

    /** The last lines of a member's log, without the frames of stacks, which would push the sentence above them out of sight. */
    private static final class Logs {
        static List<String> tail(Path log, int lines) {
            try {
                List<String> all = Files.readString(log, StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> !line.startsWith("\tat ") && !line.startsWith("\t... "))
                        .toList();
                return all.subList(Math.max(0, all.size() - lines), all.size());
            } catch (IOException e) {
                return List.of("(no log: " + e.getMessage() + ")");
            }
        }
    }
}
