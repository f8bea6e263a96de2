package io.homebudget.bench.figures;

import io.homebudget.bench.report.Figure;
import io.homebudget.bench.report.Outcome;
import io.homebudget.bench.stack.LocalStack;
import io.homebudget.bench.stack.ProcessMemory;
import io.homebudget.bench.stack.Stacks;
import io.homebudget.bench.stack.Stacks.Size;
import io.homebudget.ledger.phase.Phase;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Restores of a snapshot of 1,000,000 entries that PostgreSQL ruled, into a new installation and into the one it is of; and what
 * backup-service holds in memory at most, in both, since it was started: the snapshots of earlier figures count too.
 */
public final class RestoreRatios implements Measurement {

    @Override
    public Set<Figure> figures() {
        return EnumSet.of(Figure.RESTORE_EMPTY, Figure.RESTORE_RUNNING, Figure.MEMORY_BACKUP);
    }

    @Override
    public Set<Size> stacks() {
        return EnumSet.of(Size.EMPTY, Size.MILLION);
    }

    @Override
    public List<Outcome> measure(Set<Figure> wanted, Stacks stacks, Pace pace) throws Exception {
        LocalStack full = stacks.of(Size.MILLION);
        full.expense().moveTo(Phase.DATABASE_ONLY);
        full.backup().settle();
        String snapshot = full.backup()
                .end(full.backup().orderSnapshot())
                .path("backup_id")
                .asText();
        // the process and not whoever has its place at the end: one that died meanwhile has no highest memory to tell
        Map<String, ProcessMemory> processes = new LinkedHashMap<>();
        processes.put("running", full.backupMemory());
        boolean memory = wanted.contains(Figure.MEMORY_BACKUP);
        List<Outcome> outcomes = new ArrayList<>();
        OptionalDouble emptySeconds = OptionalDouble.empty();
        if (memory || wanted.contains(Figure.RESTORE_EMPTY)) {
            try {
                LocalStack fresh = stacks.of(Size.EMPTY);
                processes.put("empty", fresh.backupMemory());
                RestoreIntoEmpty.Taken taken =
                        RestoreIntoEmpty.measure(full.snapshot(snapshot), fresh, stacks.work(), pace);
                emptySeconds = OptionalDouble.of(taken.seconds());
                outcomes.add(taken.outcome());
            } catch (Exception e) {
                outcomes.add(notMeasured(Figure.RESTORE_EMPTY, e));
            }
        }
        if (memory || wanted.contains(Figure.RESTORE_RUNNING)) {
            try {
                outcomes.add(RestoreIntoRunning.measure(full, snapshot, emptySeconds, stacks.work(), pace));
            } catch (Exception e) {
                outcomes.add(notMeasured(Figure.RESTORE_RUNNING, e));
            }
        }
        if (memory) {
            outcomes.add(memory(processes, outcomes));
        }
        return outcomes;
    }

    private static Outcome memory(Map<String, ProcessMemory> processes, List<Outcome> restores) {
        Map<String, Object> raw = new LinkedHashMap<>();
        double most = 0;
        try {
            for (Map.Entry<String, ProcessMemory> process : processes.entrySet()) {
                double peak = process.getValue().peakMb();
                raw.put("peak_mb_" + process.getKey(), peak);
                most = Math.max(most, peak);
            }
        } catch (RuntimeException e) {
            return notMeasured(Figure.MEMORY_BACKUP, e);
        }
        boolean both = processes.size() == 2
                && restores.stream().allMatch(restore -> restore.measured().isPresent());
        String note = String.format(
                Locale.ROOT,
                "at most since the start, snapshots and restores of 1,000,000 included, in two installations; %s%s",
                processes.get("running").heapOptions(),
                both ? "" : "; a restore is missing");
        return both
                ? Outcome.of(Figure.MEMORY_BACKUP, most, note, raw)
                : Outcome.unsound(Figure.MEMORY_BACKUP, most, note, raw);
    }

    private static Outcome notMeasured(Figure figure, Exception e) {
        return Outcome.notMeasured(figure, e.getMessage() == null ? e.toString() : e.getMessage());
    }
}
