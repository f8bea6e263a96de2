package io.homebudget.ledger.storage.json;

import io.homebudget.ledger.storage.journal.Segment;
import java.util.List;
import java.util.Optional;

/** Decides from where on the log is to be kept. Whole segments go, so the answer is always where one begins. */
final class LogLimit {
    private LogLimit() {}

    static Optional<Long> cut(JsonStoreConfig config, JsonStore.LogSize size, List<Segment> segments) {
        if (size.bytes() <= config.maxLogBytes() && size.changes() <= config.maxLogChanges()) {
            return Optional.empty();
        }
        // half of the limit is freed at once, so that this is not asked for again at the next write
        long keepChanges = config.maxLogChanges() / 2;
        long keepSegments = Math.max(1, config.maxLogBytes() / 2 / Math.max(1, config.segmentBytes()));
        long total = segments.get(0).header().changesBefore() + size.changes();
        for (int i = 1; i < segments.size(); i++) {
            Segment.Header header = segments.get(i).header();
            boolean few = total - header.changesBefore() <= keepChanges || size.changes() <= config.maxLogChanges();
            if (few && segments.size() - i <= keepSegments || i == segments.size() - 1) {
                return header.afterPosition() > size.cutThrough()
                        ? Optional.of(header.afterPosition())
                        : Optional.empty();
            }
        }
        return Optional.empty();
    }
}
