package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.rows.ByteScan;
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
import java.util.Collections;
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

    /** Blocks. Newest first: from memory as far as it reaches, older ones from the segments. */
    List<LoggedChange> audit(View view, List<Segment> segments, AuditQuery query) throws IOException {
        List<LoggedChange> newestFirst = new ArrayList<>();
        if (query.entryId() != null && query.entryId() > view.ids) {
            // no change made such a row: it was written past the log, and nothing has to be looked through
            return newestFirst;
        }
        for (ChangeSet set :
                view.recent.tailMap(view.recentAfter, false).descendingMap().values()) {
            ChangeSet shown = view.shown(set);
            if (shown != null) {
                List<LoggedChange> selected = selected(shown, view, query);
                Collections.reverse(selected);
                newestFirst.addAll(selected);
            }
            if (isEnough(newestFirst, query)) {
                return first(newestFirst, query);
            }
        }
        long before = Math.min(query.beforePosition(), view.recentAfter);
        byte[] trace = query.entryId() == null ? null : RecordJson.traceOf(query.entryId());
        for (int i = segments.size() - 1; i >= 0 && !isEnough(newestFirst, query); i--) {
            if (segments.get(i).header().afterPosition() < before) {
                List<LoggedChange> older = older(view, segments.get(i), query, trace);
                Collections.reverse(older);
                newestFirst.addAll(older);
            }
        }
        return first(newestFirst, query);
    }

    /** What a segment has that memory has not, in the order of the log: the last ones where there are more than are asked for. */
    private List<LoggedChange> older(View view, Segment segment, AuditQuery query, byte[] trace) throws IOException {
        Deque<LoggedChange> last = new ArrayDeque<>();
        try (FrameReader reader = files.open(segment)) {
            for (Frame frame = reader == null ? null : durable(reader, view);
                    frame != null;
                    frame = durable(reader, view)) {
                // most records are of other entries: looking for the trace takes a twentieth of reading one
                if (frame.type() != FrameType.CHANGES || trace != null && !ByteScan.contains(frame.payload(), trace)) {
                    continue;
                }
                ChangeSet set = view.shown(json.set(frame.payload()));
                if (set != null && set.position() <= view.recentAfter) {
                    last.addAll(selected(set, view, query));
                    while (last.size() > query.limit()) {
                        last.removeFirst();
                    }
                }
            }
        }
        return new ArrayList<>(last);
    }

    private static boolean isEnough(List<LoggedChange> newestFirst, AuditQuery query) {
        if (newestFirst.size() >= query.limit()) {
            return true;
        }
        if (query.entryId() == null || newestFirst.isEmpty()) {
            return false;
        }
        // behind a version 1 there may be more: where a tombstone was pruned, an id can be taken again
        long oldest = newestFirst.get(newestFirst.size() - 1).change().version();
        return oldest <= query.fromVersion();
    }

    private static List<LoggedChange> first(List<LoggedChange> newestFirst, AuditQuery query) {
        return newestFirst.size() <= query.limit() ? newestFirst : newestFirst.subList(0, query.limit());
    }

    /** The changes of a set that are asked for, in their order. */
    private static List<LoggedChange> selected(ChangeSet set, View view, AuditQuery query) {
        List<LoggedChange> selected = new ArrayList<>();
        if (set.position() <= view.cutThrough
                || query.from() != null && set.at().isBefore(query.from())
                || query.to() != null && !set.at().isBefore(query.to())) {
            return selected;
        }
        for (int ordinal = 0; ordinal < set.changes().size(); ordinal++) {
            Change change = set.changes().get(ordinal);
            boolean before = set.position() < query.beforePosition()
                    || set.position() == query.beforePosition() && ordinal < query.beforeOrdinal();
            if (before
                    && (query.entryId() == null || query.entryId() == change.entryId())
                    && change.version() >= query.fromVersion()) {
                selected.add(new LoggedChange(
                        set.position(), ordinal, set.id(), set.rule().epoch(), set.at(), set.by(), change));
            }
        }
        return selected;
    }
}
