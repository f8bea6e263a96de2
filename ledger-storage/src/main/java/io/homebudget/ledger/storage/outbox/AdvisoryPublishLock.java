package io.homebudget.ledger.storage.outbox;

import io.homebudget.ledger.entry.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jboss.logging.Logger;

/** A session-level advisory lock of PostgreSQL: it ends with its connection, so a dead process never keeps it. */
public final class AdvisoryPublishLock implements PublishLock {
    private static final Logger LOG = Logger.getLogger(AdvisoryPublishLock.class);
    private static final int CLASS = 0x1ED6E2;

    private final DataSource dataSource;
    private final Kind kind;
    private Connection connection;

    public AdvisoryPublishLock(DataSource dataSource, Kind kind) {
        this.dataSource = dataSource;
        this.kind = kind;
    }

    @Override
    public boolean hold() {
        try {
            if (connection != null && connection.isValid(1)) {
                return true;
            }
            close();
            Connection fresh = dataSource.getConnection();
            if (acquire(fresh)) {
                connection = fresh;
                return true;
            }
            fresh.close();
            return false;
        } catch (SQLException e) {
            LOG.debugv("the publish lock cannot be asked for: {0}", e.getMessage());
            close();
            return false;
        }
    }

    @Override
    public void close() {
        if (connection != null) {
            try (Connection closing = connection;
                    PreparedStatement unlock = closing.prepareStatement("SELECT pg_advisory_unlock_all()")) {
                unlock.execute();
            } catch (SQLException e) {
                LOG.debugv("the publish lock's connection was lost: {0}", e.getMessage());
            }
            connection = null;
        }
    }

    private boolean acquire(Connection on) throws SQLException {
        try (PreparedStatement ask = on.prepareStatement("SELECT pg_try_advisory_lock(?, ?)")) {
            ask.setInt(1, CLASS);
            ask.setInt(2, kind.ordinal());
            try (ResultSet answer = ask.executeQuery()) {
                return answer.next() && answer.getBoolean(1);
            }
        }
    }
}
