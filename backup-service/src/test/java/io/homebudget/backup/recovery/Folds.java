package io.homebudget.backup.recovery;

import io.homebudget.backup.restore.Rows;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.internal.LoggedSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Folds as tests make them and look at them. */
final class Folds {
    /** A fold that needs none. */
    private static final Path NO_SCRATCH = Path.of("no-scratch");

    private Folds() {}

    /** All in memory. */
    static LogFold of(Moment moment, List<LoggedSet> sets) throws IOException {
        LogFold fold = new LogFold(Kind.EXPENSE, moment, Room.ofHeap(), NO_SCRATCH);
        add(fold, sets);
        return fold;
    }

    static LogFold empty() {
        return new LogFold(Kind.EXPENSE, new Moment.AtPosition(Long.MAX_VALUE), Room.ofHeap(), NO_SCRATCH);
    }

    static void add(LogFold fold, List<LoggedSet> sets) throws IOException {
        for (LoggedSet set : sets) {
            fold.add(set);
        }
    }

    static Rows rows(List<EntryImage> rows) {
        Iterator<EntryImage> iterator = rows.iterator();
        return () -> iterator.hasNext() ? iterator.next() : null;
    }

    /** What changed. */
    static List<EntryImage> changed(LogFold fold) throws IOException {
        return over(fold, List.of());
    }

    static List<EntryImage> over(LogFold fold, List<EntryImage> image) throws IOException {
        List<EntryImage> all = new ArrayList<>();
        try (MergedRows merged = fold.over(rows(image))) {
            for (EntryImage row = merged.next(); row != null; row = merged.next()) {
                all.add(row);
            }
        }
        return all;
    }

    static Map<Long, EntryValues> live(LogFold fold, List<EntryImage> image) throws IOException {
        Map<Long, EntryValues> live = new TreeMap<>();
        for (EntryImage row : over(fold, image)) {
            if (!row.deleted()) {
                live.put(row.id(), row.values());
            }
        }
        return live;
    }
}
