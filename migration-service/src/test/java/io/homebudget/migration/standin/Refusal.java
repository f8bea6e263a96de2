package io.homebudget.migration.standin;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** PostgreSQL refuses a write once, as one that is shutting down does, and takes it when it is repeated. */
public final class Refusal implements AutoCloseable {
    private final DataSource database;

    /** @param rows which of the table, as a condition on {@code new} */
    public Refusal(DataSource database, String table, String rows) {
        this.database = database;
        // a sequence counts past the end of the transaction that is refused
        Sql.run(
                database,
                "create schema refusal",
                "create sequence refusal.writes",
                "create function refusal.once() returns trigger language plpgsql as $$ begin"
                        + " if nextval('refusal.writes') = 1 then"
                        + " raise exception 'the database system is shutting down' using errcode = '57P03';"
                        + " end if; return new; end $$",
                "create trigger refused_once before insert or update on " + table + " for each row when (" + rows
                        + ") execute function refusal.once()");
    }

    /** Whether it has happened. */
    public boolean refused() {
        try (Connection connection = database.getConnection();
                Statement sql = connection.createStatement();
                ResultSet row = sql.executeQuery("select is_called from refusal.writes")) {
            return row.next() && row.getBoolean(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        Sql.run(database, "drop schema refusal cascade");
    }
}
