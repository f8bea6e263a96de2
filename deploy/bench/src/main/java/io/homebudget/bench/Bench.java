package io.homebudget.bench;

import io.homebudget.bench.figures.BackfillRatio;
import io.homebudget.bench.figures.CreateRatios;
import io.homebudget.bench.figures.EventLatency;
import io.homebudget.bench.figures.JsonSizeRatio;
import io.homebudget.bench.figures.ListMemory;
import io.homebudget.bench.figures.Measurement;
import io.homebudget.bench.figures.Pace;
import io.homebudget.bench.figures.PhaseChangeStall;
import io.homebudget.bench.figures.Reconciliation;
import io.homebudget.bench.figures.ResidentMemory;
import io.homebudget.bench.figures.RestoreRatios;
import io.homebudget.bench.figures.SnapshotRatio;
import io.homebudget.bench.figures.SnapshotUnderWrites;
import io.homebudget.bench.figures.VerificationRatio;
import io.homebudget.bench.report.Figure;
import io.homebudget.bench.report.Outcome;
import io.homebudget.bench.report.ResultFile;
import io.homebudget.bench.report.ResultTable;
import io.homebudget.bench.stack.Stacks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the figures one after the other, prints them as a table and writes them down with the numbers behind them. */
@Command(
        name = "deploy/bench/run",
        mixinStandardHelpOptions = true,
        description = "Measures what the system reaches against raw limits of the same machine in the same run.",
        footer = {
            "",
            "Exit status: 0 every figure measured reaches, 1 one does not or could not be measured, 2 wrong use.",
            "Only one run at a time, on an otherwise idle machine. deploy/bench/README.md says what the figures mean."
        })
public final class Bench implements Callable<Integer> {
    /** In the order in which a stack is changed least by one for the next: the memory of a fresh process is read first. */
    private static final List<Measurement> MEASUREMENTS = List.of(
            new ResidentMemory(),
            ListMemory.json(),
            new JsonSizeRatio(),
            new BackfillRatio(),
            new VerificationRatio(),
            ListMemory.database(),
            new SnapshotRatio(),
            new SnapshotUnderWrites(),
            new RestoreRatios(),
            new CreateRatios(),
            new EventLatency(),
            new Reconciliation(),
            new PhaseChangeStall());

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "NAME",
            description = "only these figures, or all that begin with NAME-, as in --only create,stall; see --list")
    private List<String> only = List.of();

    @Option(names = "--list", description = "print the names of the figures and end")
    private boolean list;

    @Option(names = "--quick", description = "fewer and shorter rounds: for a look, not for a figure to quote")
    private boolean quick;

    @Option(names = "--port", defaultValue = "17000", description = "first of 60 free ports (default ${DEFAULT-VALUE})")
    private int port;

    @Option(names = "--keep", description = "leave the stacks' homes and logs behind and say where")
    private boolean keep;

    @Option(names = "--repository", hidden = true, required = true)
    private Path repository;

    private final Clock clock = Clock.systemUTC();

    public static void main(String[] arguments) {
        int status = new CommandLine(new Bench()).execute(arguments);
        // Hyperfoil's and Kafka's threads do not end by themselves
        System.exit(status);
    }

    @Override
    public Integer call() throws IOException {
        if (list) {
            for (Figure figure : Figure.values()) {
                System.out.printf("%-22s %s%n", figure.word(), figure.title());
            }
            return 0;
        }
        Set<Figure> wanted;
        try {
            wanted = only.isEmpty() ? EnumSet.allOf(Figure.class) : Figure.named(only);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            return CommandLine.ExitCode.USAGE;
        }
        Path work = Files.createTempDirectory("home-budget-bench");
        Map<String, Object> machine = machine();
        List<Outcome> outcomes = measure(wanted, work);
        outcomes.sort(Comparator.comparing(Outcome::figure));
        System.out.println("\n" + ResultTable.render(outcomes));
        Path written = ResultFile.write(
                repository.resolve("deploy/bench/results"), "bench-" + machine.get("started"), machine, outcomes);
        System.out.println("written to " + written + " and, with raw numbers, to the .json beside it");
        clear(work, outcomes);
        return outcomes.stream().allMatch(Outcome::reached) ? 0 : 1;
    }

    private List<Outcome> measure(Set<Figure> wanted, Path work) {
        List<Outcome> outcomes = new ArrayList<>();
        Stacks stacks = new Stacks(repository, work, port);
        // a run that is interrupted leaves no stack behind
        Thread stop = new Thread(stacks::close);
        Runtime.getRuntime().addShutdownHook(stop);
        List<Measurement> ahead = new ArrayList<>(MEASUREMENTS);
        while (!ahead.isEmpty()) {
            ahead.removeIf(measurement -> shared(measurement, wanted).isEmpty());
            Set<Stacks.Size> needed = EnumSet.noneOf(Stacks.Size.class);
            ahead.forEach(measurement -> needed.addAll(measurement.stacks()));
            stacks.keepOnly(needed);
            if (!ahead.isEmpty()) {
                Measurement next = ahead.remove(0);
                outcomes.addAll(measure(next, shared(next, wanted), stacks));
            }
        }
        stacks.close();
        Runtime.getRuntime().removeShutdownHook(stop);
        return outcomes;
    }

    private List<Outcome> measure(Measurement measurement, Set<Figure> wanted, Stacks stacks) {
        long start = System.nanoTime();
        System.out.println("... measuring " + words(wanted));
        try {
            List<Outcome> outcomes = measurement.measure(wanted, stacks, quick ? Pace.brief() : Pace.full());
            System.out.printf(Locale.ROOT, "    took %.0f s%n", (System.nanoTime() - start) / 1e9);
            return outcomes;
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            String why = e.getMessage() == null ? e.toString() : e.getMessage();
            System.err.println("    could not be measured: " + why);
            return wanted.stream()
                    .map(figure -> Outcome.notMeasured(figure, why))
                    .toList();
        }
    }

    private static Set<Figure> shared(Measurement measurement, Set<Figure> wanted) {
        Set<Figure> shared = EnumSet.copyOf(measurement.figures());
        shared.retainAll(wanted);
        return shared;
    }

    private static String words(Set<Figure> figures) {
        return String.join(", ", figures.stream().map(Figure::word).toList());
    }

    private Map<String, Object> machine() {
        Map<String, Object> machine = new LinkedHashMap<>();
        machine.put(
                "started",
                DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")
                        .withZone(ZoneOffset.UTC)
                        .format(clock.instant()));
        machine.put("quick", quick);
        machine.put("processors", Runtime.getRuntime().availableProcessors());
        machine.put("java", System.getProperty("java.version"));
        machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        return machine;
    }

    private void clear(Path work, List<Outcome> outcomes) throws IOException {
        boolean broken =
                outcomes.stream().anyMatch(outcome -> outcome.measured().isEmpty());
        if (keep || broken) {
            System.out.println("logs are kept in " + work);
            return;
        }
        try (var files = Files.walk(work)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }
}
