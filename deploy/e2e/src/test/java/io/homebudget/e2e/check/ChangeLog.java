package io.homebudget.e2e.check;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.e2e.load.Row;
import io.homebudget.e2e.stack.Api;
import io.homebudget.e2e.stack.Stack;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** What the change log says that the ledger held at any moment: an own fold, over what was served before the first change. */
public final class ChangeLog {
    private final Map<Long, Row> before;
    private final List<One> changes;

    /** @param row null where the entry was deleted */
    public record One(long position, String id, long entry, int setSize, Instant at, Row row) {}

    private ChangeLog(Map<Long, Row> before, List<One> changes) {
        this.before = before;
        this.changes = changes;
    }

    /** @param before what was served while nothing was logged yet */
    public static ChangeLog read(Stack stack, String kind, Map<Long, Row> before) throws IOException, SQLException {
        List<One> changes = new ArrayList<>();
        try (Connection connection = stack.postgres();
                ResultSet found = connection
                        .createStatement()
                        .executeQuery("select position, change_id, entry_id, set_size, changed_at, after from " + kind
                                + ".change_log order by position, ordinal")) {
            while (found.next()) {
                String after = found.getString("after");
                JsonNode entry = after == null ? null : Api.JSON.readTree(after);
                changes.add(new One(
                        found.getLong("position"),
                        found.getString("change_id"),
                        found.getLong("entry_id"),
                        found.getInt("set_size"),
                        found.getObject("changed_at", OffsetDateTime.class).toInstant(),
                        entry == null ? null : Row.of(entry)));
            }
        }
        return new ChangeLog(before, changes);
    }

    public List<One> changes() {
        return changes;
    }

    public Map<Long, Row> through(long position) {
        return fold(change -> change.position() <= position);
    }

    public Map<Long, Row> at(Instant instant) {
        return fold(change -> !change.at().isAfter(instant));
    }

    private Map<Long, Row> fold(Predicate<One> held) {
        Map<Long, Row> rows = new TreeMap<>(before);
        for (One change : changes) {
            if (held.test(change)) {
                rows.remove(change.entry());
                if (change.row() != null) {
                    rows.put(change.entry(), change.row());
                }
            }
        }
        return rows;
    }
}
