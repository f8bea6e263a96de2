package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.storage.journal.Frame;
import io.homebudget.ledger.storage.journal.FrameReader;
import io.homebudget.ledger.storage.journal.FrameType;
import io.homebudget.ledger.storage.journal.Segment;
import io.homebudget.ledger.storage.store.AuditQuery;
import io.homebudget.ledger.storage.store.LogSlice;
import io.homebudget.ledger.storage.store.LoggedChange;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Reads the log: the newest sets from memory, older ones from the segments. */
final class LogReads {
    private final RecordJson json;
    private final Checkpointer files;

    LogReads(RecordJson json, Checkpointer files) {
        this.json = json;
        this.files = files;
    }

    /** The slice, if memory has it; null where the segments must be read. */
    static LogSlice fromMemory(View view, long after, int maxChanges) {
        if (after < view.cutThrough) {
            return new LogSlice(List.of(), after, true);
        }
        if (after >= view.head) {
            return new LogSlice(List.of(), Math.max(after, view.position), false);
        }
        if (after < view.recentAfter) {
            return null;
        }
        List<ChangeSet> sets = new ArrayList<>();
        int changes = 0;
        for (ChangeSet set : view.recent.tailMap(after, false).values()) {
            ChangeSet shown = view.shown(set);
            if (shown != null) {
                sets.add(shown);
                changes += shown.changes().size();
            }
            if (changes >= maxChanges) {
                return slice(view, sets);
            }
        }
        return new LogSlice(sets, Math.max(after, view.position), false);
    }

    private static LogSlice slice(View view, List<ChangeSet> sets) {
        long last = sets.get(sets.size() - 1).position();
        return new LogSlice(sets, last >= view.head ? Math.max(last, view.position) : last, false);
    }

    /** Blocks. */
    LogSlice fromSegments(View view, List<Segment> segments, long after, int maxChanges) throws IOException {
        List<ChangeSet> sets = new ArrayList<>();
        int changes = 0;
        for (int i = 0; i < segments.size(); i++) {
            if (i + 1 < segments.size() && segments.get(i + 1).header().afterPosition() <= after) {
                continue;
            }
            try (FrameReader reader = files.open(segments.get(i))) {
                if (reader == null) {
                    return new LogSlice(List.of(), after, true);
                }
                reader.from(segments.get(i).offsetFor(after));
                for (Frame frame = durable(reader, view); frame != null; frame = durable(reader, view)) {
                    ChangeSet set = frame.type() == FrameType.CHANGES ? view.shown(json.set(frame.payload())) : null;
                    if (set != null && set.position() > after) {
                        sets.add(set);
                        changes += set.changes().size();
                        if (changes >= maxChanges) {
                            return slice(view, sets);
                        }
                    }
                }
            }
        }
        return new LogSlice(sets, Math.max(after, view.position), false);
    }

    /** The next frame that is part of the view; what the journal thread is just writing is not looked at. */
    private static Frame durable(FrameReader reader, View view) throws IOException {
        return reader.nextUpTo(view.frame);
    }

    /** Blocks. Newest first. */
    List<LoggedChange> audit(View view, List<Segment> segments, AuditQuery query) throws IOException {
        List<LoggedChange> newestFirst = new ArrayList<>();
        for (int i = segments.size() - 1; i >= 0 && newestFirst.size() < query.limit(); i--) {
            Deque<LoggedChange> found = new ArrayDeque<>();
            int room = query.limit() - newestFirst.size();
            try (FrameReader reader = files.open(segments.get(i))) {
                if (reader == null || segments.get(i).header().afterPosition() >= query.beforePosition()) {
                    continue;
                }
                for (Frame frame = durable(reader, view); frame != null; frame = durable(reader, view)) {
                    ChangeSet set = frame.type() == FrameType.CHANGES ? view.shown(json.set(frame.payload())) : null;
                    if (set != null) {
                        select(set, view, query, room, found);
                    }
                }
            }
            newestFirst.addAll(found);
        }
        return newestFirst;
    }

    private static void select(ChangeSet set, View view, AuditQuery query, int room, Deque<LoggedChange> found) {
        if (set.position() <= view.cutThrough
                || query.from() != null && set.at().isBefore(query.from())
                || query.to() != null && !set.at().isBefore(query.to())) {
            return;
        }
        for (int ordinal = 0; ordinal < set.changes().size(); ordinal++) {
            var change = set.changes().get(ordinal);
            boolean before = set.position() < query.beforePosition()
                    || set.position() == query.beforePosition() && ordinal < query.beforeOrdinal();
            if (before && (query.entryId() == null || query.entryId() == change.entryId())) {
                found.addFirst(new LoggedChange(
                        set.position(), ordinal, set.id(), set.rule().epoch(), set.at(), set.by(), change));
                if (found.size() > room) {
                    found.removeLast();
                }
            }
        }
    }
}
