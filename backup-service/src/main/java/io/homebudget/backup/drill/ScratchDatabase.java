package io.homebudget.backup.drill;

import io.homebudget.backup.restore.Rows;
import io.homebudget.ledger.config.DatabaseUrl;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Amounts;
import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.entry.IsoDate;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.internal.LoggedSet;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * A database of its own in the configured PostgreSQL server, created for the drill and dropped after it. Changes are replayed by SQL
 * and digests computed by SQL, from the columns: nothing of it is shared with the fold that it is compared with.
 */
final class ScratchDatabase implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ScratchDatabase.class);
    /** What PostgreSQL answers where somebody is connected. */
    private static final String IN_USE = "55006";

    private static final int BATCH = 1_000;
    /** A million rows are summed in seconds; a server that hangs must not hold the drill for ever. */
    private static final int SOCKET_SECONDS = 120;

    private final DatabaseUrl server;
    private final Kind kind;
    private final String name;
    private final Connection connection;

    private ScratchDatabase(DatabaseUrl server, Kind kind, String name, Connection connection) {
        this.server = server;
        this.kind = kind;
        this.name = name;
        this.connection = connection;
    }

    static ScratchDatabase create(DatabaseUrl server, Kind kind, UUID drill) throws IOException {
        String prefix = "drill_" + kind.word() + "_";
        String name = prefix + drill.toString().replace("-", "");
        try {
            dropLeft(server, prefix);
            execute(server, "CREATE DATABASE " + name);
            try {
                Connection connection = connect(server, name);
                try (Statement statement = connection.createStatement()) {
                    connection.setAutoCommit(false);
                    // a scratch place is thrown away: nothing of it has to survive a crash
                    statement.execute("SET synchronous_commit = off");
                    statement.execute(
                            "CREATE TABLE entries (id BIGINT PRIMARY KEY, deleted BOOLEAN NOT NULL, date DATE,"
                                    + " business VARCHAR(255), category VARCHAR(100), amount NUMERIC(10,2), account VARCHAR(100),"
                                    + " currency VARCHAR(10), notes TEXT, version BIGINT NOT NULL, epoch BIGINT NOT NULL)");
                    connection.commit();
                }
                return new ScratchDatabase(server, kind, name, connection);
            } catch (SQLException e) {
                execute(server, "DROP DATABASE " + name);
                throw e;
            }
        } catch (SQLException e) {
            throw failed("a scratch database cannot be created", e);
        }
    }

    /** Drops what killed drills have left. The server itself refuses for one that is connected to, of another installation. */
    private static void dropLeft(DatabaseUrl server, String prefix) throws SQLException {
        try (Connection admin = connect(server, server.database());
                PreparedStatement query = admin.prepareStatement(
                        "SELECT datname FROM pg_database WHERE datname ~ ? AND pg_has_role(datdba, 'USAGE')")) {
            // nobody else names a database like this
            query.setString(1, "^" + prefix + "[0-9a-f]{32}$");
            List<String> left = new ArrayList<>();
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    left.add(rows.getString(1));
                }
            }
            for (String name : left) {
                try (Statement drop = admin.createStatement()) {
                    drop.execute("DROP DATABASE IF EXISTS \"" + name + "\"");
                    LOG.infof("dropped what a killed drill had left: name=%s", name);
                } catch (SQLException e) {
                    if (!IN_USE.equals(e.getSQLState())) {
                        throw e;
                    }
                }
            }
        }
    }

    private static Connection connect(DatabaseUrl server, String database) throws SQLException {
        Properties settings = new Properties();
        settings.setProperty("user", server.user());
        settings.setProperty("password", server.password());
        settings.setProperty("connectTimeout", "5");
        settings.setProperty("socketTimeout", Integer.toString(SOCKET_SECONDS));
        settings.setProperty("reWriteBatchedInserts", "true");
        String parameters = server.parameters().isEmpty() ? "" : "?" + server.parameters();
        return DriverManager.getConnection(
                "jdbc:postgresql://" + server.host() + ":" + server.port() + "/" + database + parameters, settings);
    }

    private static void execute(DatabaseUrl server, String sql) throws SQLException {
        try (Connection admin = connect(server, server.database());
                Statement statement = admin.createStatement()) {
            statement.execute(sql);
        }
    }

    private static final String COLUMNS =
            "id, deleted, date, business, category, amount, account, currency, notes, version, epoch";

    void restore(Rows rows) throws IOException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO entries (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            int pending = 0;
            for (EntryImage row = rows.next(); row != null; row = rows.next()) {
                set(insert, row.id(), row.values(), row.version(), row.epoch());
                insert.addBatch();
                if (++pending % BATCH == 0) {
                    insert.executeBatch();
                }
            }
            insert.executeBatch();
            connection.commit();
        } catch (SQLException e) {
            throw failed("the snapshot cannot be restored into the scratch database", e);
        }
    }

    void replay(LoggedSet set) throws IOException {
        String newer = "(excluded.version > t.version OR excluded.version = t.version AND excluded.epoch > t.epoch)";
        try (PreparedStatement upsert = connection.prepareStatement("INSERT INTO entries AS t (" + COLUMNS
                + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET deleted = excluded.deleted,"
                + " date = excluded.date, business = excluded.business, category = excluded.category, amount ="
                + " excluded.amount, account = excluded.account, currency = excluded.currency, notes = excluded.notes,"
                + " version = excluded.version, epoch = excluded.epoch WHERE " + newer)) {
            int pending = 0;
            for (LoggedSet.Logged change : set.changes()) {
                set(upsert, change.entryId(), change.after(), change.version(), set.epoch());
                upsert.addBatch();
                // a bulk delete may be of a hundred thousand; it is still one transaction
                if (++pending % BATCH == 0) {
                    upsert.executeBatch();
                }
            }
            upsert.executeBatch();
            connection.commit();
        } catch (SQLException e) {
            throw failed("a set cannot be replayed into the scratch database", e);
        }
    }

    private static void set(PreparedStatement into, long id, EntryValues values, long version, long epoch)
            throws SQLException {
        into.setLong(1, id);
        into.setBoolean(2, values == null);
        into.setObject(3, values == null ? null : IsoDate.parse(values.date()), Types.DATE);
        into.setString(4, values == null ? null : values.business());
        into.setString(5, values == null ? null : values.category());
        into.setBigDecimal(6, values == null ? null : Amounts.toDecimal(values.cents()));
        into.setString(7, values == null ? null : values.account());
        into.setString(8, values == null ? null : values.currency());
        into.setString(9, values == null ? null : values.notes());
        into.setLong(10, version);
        into.setLong(11, epoch);
    }

    Tally tally() throws IOException {
        Tally.Sum sum = new Tally.Sum();
        try (PreparedStatement query = connection.prepareStatement("SELECT "
                + EntryDigest.sqlExpression("t", kind.has(Field.BUSINESS)) + " FROM entries t WHERE NOT deleted")) {
            query.setFetchSize(BATCH * 10);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    sum.add(rows.getObject(1, UUID.class));
                }
            }
            connection.commit();
            return sum.tally();
        } catch (SQLException e) {
            throw failed("the scratch database cannot be read", e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
            execute(server, "DROP DATABASE " + name);
        } catch (SQLException e) {
            LOG.warnf("a drill's scratch database is left behind: name=%s sqlstate=%s", name, e.getSQLState());
            throw failed("the scratch database " + name + " cannot be dropped; drop it by hand", e);
        }
    }

    /** Without the server's message, which may quote values. */
    private static IOException failed(String what, SQLException failure) {
        return new IOException(what + " (SQLSTATE " + failure.getSQLState() + ")", failure);
    }
}
