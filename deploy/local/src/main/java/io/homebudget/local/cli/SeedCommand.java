package io.homebudget.local.cli;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.local.http.JsonHttp;
import io.homebudget.local.move.ProgressLine;
import io.homebudget.local.move.Stopped;
import io.homebudget.local.seed.Seeder;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Fills a ledger with plausible entries through its API, as clients would. */
@Command(name = "seed", mixinStandardHelpOptions = true, description = "Creates plausible entries through the API.")
final class SeedCommand implements Callable<Integer> {
    @ParentCommand
    private Ctl ctl;

    @Option(names = "--count", required = true, paramLabel = "N", description = "how many per kind")
    private long count;

    @Option(
            names = "--kind",
            paramLabel = "K",
            defaultValue = "all",
            description = "expense, income or all (default: all)")
    private String kind;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "16",
            description = "requests under way at once (default: ${DEFAULT-VALUE})")
    private int concurrency;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "the same number gives the same entries")
    private long seed;

    @Override
    public Integer call() throws Stopped, InterruptedException {
        for (Kind one : PhaseCommands.Kinds.named(kind, true)) {
            JsonHttp http = ctl.http("front-door", "viewer", Duration.ofSeconds(30));
            ProgressLine progress = new ProgressLine(System.out, ProgressLine.onTerminal());
            long began = System.nanoTime();
            new Seeder(http, one, seed, Math.max(1, Math.min(256, concurrency)), progress).create(count);
            double seconds = (System.nanoTime() - began) / 1e9;
            progress.done(String.format(
                    Locale.ROOT, "%d %s created in %.1f s (%.0f/s)", count, one.plural(), seconds, count / seconds));
        }
        return 0;
    }
}
