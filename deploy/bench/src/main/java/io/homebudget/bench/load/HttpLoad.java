package io.homebudget.bench.load;

import io.hyperfoil.api.config.Benchmark;
import io.hyperfoil.api.config.BenchmarkData;
import io.hyperfoil.api.statistics.StatisticsSnapshot;
import io.hyperfoil.core.impl.LocalSimulationRunner;
import io.hyperfoil.core.parser.BenchmarkParser;
import io.hyperfoil.core.parser.ParserException;
import io.hyperfoil.http.statistics.HttpStats;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Runs a {@link Scenario} with Hyperfoil in this process and returns what came of it; blocks until it is over. */
public final class HttpLoad {
    private HttpLoad() {}

    /** All sorts of requests of the scenario in one result. */
    public static LoadResult run(Scenario scenario) {
        Benchmark benchmark = parse(scenario.yaml());
        Map<String, StatisticsSnapshot> totals = new TreeMap<>();
        LocalSimulationRunner runner = new LocalSimulationRunner(
                benchmark,
                (phase, step, metric, snapshot, countDown) -> {
                    synchronized (totals) {
                        totals.computeIfAbsent(metric, name -> new StatisticsSnapshot())
                                .add(snapshot);
                    }
                },
                null,
                null);
        runner.run();
        StatisticsSnapshot all = new StatisticsSnapshot();
        synchronized (totals) {
            totals.values().forEach(all::add);
        }
        return result(all, scenario.seconds());
    }

    private static LoadResult result(StatisticsSnapshot all, double seconds) {
        HttpStats statuses = HttpStats.get(all);
        long succeeded = statuses == null ? 0 : statuses.status_2xx;
        return new LoadResult(succeeded, all.requestCount - succeeded, seconds, all.histogram, all.blockedTime / 1e6);
    }

    static Benchmark parse(String yaml) {
        try {
            return BenchmarkParser.instance()
                    .buildBenchmark(
                            new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)),
                            BenchmarkData.EMPTY,
                            Map.of());
        } catch (ParserException e) {
            throw new IllegalStateException("Hyperfoil does not understand this load:\n" + yaml, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
