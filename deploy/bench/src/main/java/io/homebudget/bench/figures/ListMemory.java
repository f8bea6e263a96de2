package io.homebudget.bench.figures;

import io.homebudget.bench.report.Figure;
import io.homebudget.bench.report.Outcome;
import io.homebudget.bench.stack.Http;
import io.homebudget.bench.stack.LocalStack;
import io.homebudget.bench.stack.Patience;
import io.homebudget.bench.stack.ProcessMemory;
import io.homebudget.bench.stack.Stacks;
import io.homebudget.bench.stack.Stacks.Size;
import io.homebudget.ledger.phase.Phase;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * By how much the resident memory of the service grows while it answers {@code GET /api/v1/expense} with 1,000,000 entries:
 * the highest seen during three such answers, less what was resident before the first.
 */
public final class ListMemory implements Measurement {
    private static final int ANSWERS = 3;
    private static final long SAMPLE_MILLIS = 20;

    private final Figure figure;
    private final Phase phase;

    private ListMemory(Figure figure, Phase phase) {
        this.figure = figure;
        this.phase = phase;
    }

    public static ListMemory json() {
        return new ListMemory(Figure.LIST_JSON, Phase.JSON_ONLY);
    }

    public static ListMemory database() {
        return new ListMemory(Figure.LIST_DATABASE, Phase.DATABASE_ONLY);
    }

    @Override
    public Set<Figure> figures() {
        return EnumSet.of(figure);
    }

    @Override
    public Set<Size> stacks() {
        return EnumSet.of(Size.MILLION);
    }

    @Override
    public List<Outcome> measure(Set<Figure> wanted, Stacks stacks, Pace pace) throws Exception {
        LocalStack stack = stacks.of(Size.MILLION);
        stack.expense().moveTo(phase);
        Http service = new Http("http://127.0.0.1:" + stack.expensePort(), null);
        ProcessMemory memory = stack.expenseMemory();
        double before = memory.residentMb();
        boolean kernelPeak = memory.resetPeak();
        double peak = before;
        long bytes = 0;
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < ANSWERS; i++) {
            long start = System.nanoTime();
            CompletableFuture<Long> answer = CompletableFuture.supplyAsync(() -> length(service));
            while (!answer.isDone()) {
                peak = Math.max(peak, memory.residentMb());
                Patience.pause(SAMPLE_MILLIS);
            }
            bytes = answer.get();
            seconds.add((System.nanoTime() - start) / 1e9);
        }
        if (kernelPeak) {
            peak = Math.max(peak, memory.peakMb());
        }
        String note = String.format(
                Locale.ROOT,
                "%.0f MB before, %.0f MB at most; %,d bytes in %.1f s; %s",
                before,
                peak,
                bytes,
                seconds.get(seconds.size() - 1),
                memory.heapOptions());
        Map<String, Object> raw = Map.of(
                "before_mb", before, "peak_mb", peak, "bytes", bytes, "seconds", seconds, "kernel_peak", kernelPeak);
        // an entry takes at least 100 bytes: fewer bytes were not a million entries
        boolean whole = bytes > 100 * Size.MILLION.entries();
        return List.of(
                whole
                        ? Outcome.of(figure, peak - before, note, raw)
                        : Outcome.unsound(figure, peak - before, note + "; the list was not complete", raw));
    }

    private static long length(Http service) {
        byte[] buffer = new byte[1 << 16];
        long length = 0;
        int last = 0;
        try (InputStream in = service.stream("/api/v1/expense")) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                length += n;
                last = n > 0 ? buffer[n - 1] : last;
            }
        } catch (IOException e) {
            throw new IllegalStateException("the list broke off after " + length + " bytes", e);
        }
        if (last != ']') {
            throw new IllegalStateException("the list ends without ]");
        }
        return length;
    }
}
