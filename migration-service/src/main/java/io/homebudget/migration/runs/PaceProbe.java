package io.homebudget.migration.runs;

import io.homebudget.migration.schema.Database;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.io.IOException;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.postgresql.PGConnection;

/**
 * Measures how fast this PostgreSQL fills and reads a table like the ledger's, in a temporary table that is gone afterwards, so
 * that the first forecast on a machine is not a guess and a later one notices a last run that was disturbed. Takes about a
 * second, and is done for a dry run only.
 */
@ApplicationScoped
class PaceProbe {
    private static final Logger LOG = Logger.getLogger(PaceProbe.class);

    /** Enough to outlast what starting costs, few enough for a person who waits. */
    private static final int ROWS = 30_000;

    private static final int SQL_LIMIT_SECONDS = 10;

    /**
     * What one entry costs in each step: a part that is the services' own, in seconds, and a multiple of what the bare COPY or scan of
     * it took. Fitted to runs on two cores, idle and busy; see RATIONALE.md.
     */
    private record Cost(double own, double share) {
        double perSecond(double bare) {
            return 1 / (own + share / bare);
        }
    }

    private static final Cost FILLING = new Cost(20e-6, 0.6);

    /** Both stores, disk and memory. */
    private static final Cost COMPARING = new Cost(2e-6, 3);

    /** A row of PostgreSQL copied, checked, packed, and read back, by processes that just started; see {@link Evidence.Entries}. */
    private static final Cost KEEPING = new Cost(2e-6, 1.5);

    /** Compressed into an archive that is read back. */
    private static final Cost PACKING = new Cost(5.5e-6, 3);

    private static final String TABLE = "create temporary table pace_probe (id bigint primary key, date date not null,"
            + " business varchar(255), category varchar(100) not null, amount numeric(10, 2) not null,"
            + " account varchar(100) not null, currency varchar(10) not null, notes text, version bigint, change_id uuid,"
            + " digest uuid) on commit drop";

    private final Instance<DataSource> dataSource;
    private final Database database;

    PaceProbe(Instance<DataSource> dataSource, Database database) {
        this.dataSource = dataSource;
        this.database = database;
    }

    /**
     * Entries a second.
     *
     * @param filled that a filling will reach; {@code compared} that a verification will; {@code kept} that a verified snapshot
     *     will, by weight; {@code packed} that the archive of the JSON files will
     * @param bytes what an entry takes in table and indexes
     */
    record Pace(double filled, double compared, double kept, double packed, double bytes) {}

    /** Empty where it could not be measured; a forecast then says that it rests on assumptions. */
    Uni<Optional<Pace>> measure() {
        if (!database.ready()) {
            return Uni.createFrom().item(Optional.empty());
        }
        return Uni.createFrom().item(this::measureOnWorker).runSubscriptionOn(Infrastructure.getDefaultWorkerPool());
    }

    private Optional<Pace> measureOnWorker() {
        try (Connection connection = dataSource.get().getConnection()) {
            connection.setAutoCommit(false);
            try (Statement sql = connection.createStatement()) {
                sql.setQueryTimeout(SQL_LIMIT_SECONDS);
                sql.execute(TABLE);
                for (String column : new String[] {"date", "category", "account", "date, category"}) {
                    sql.execute("create index on pace_probe (" + column + ")");
                }
                String rows = rows();
                long began = System.nanoTime();
                connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn("copy pace_probe from stdin", new StringReader(rows));
                double copied = ROWS / seconds(began);
                began = System.nanoTime();
                try (ResultSet scan =
                        sql.executeQuery("select count(md5(id || '|' || date || '|' || category || '|' || amount"
                                + " || '|' || account || '|' || currency || '|' || notes)) from pace_probe")) {
                    scan.next();
                }
                double scanned = ROWS / seconds(began);
                double bytes;
                try (ResultSet size = sql.executeQuery("select pg_total_relation_size('pg_temp.pace_probe')")) {
                    size.next();
                    bytes = (double) size.getLong(1) / ROWS;
                }
                return Optional.of(new Pace(
                        FILLING.perSecond(copied),
                        COMPARING.perSecond(scanned),
                        KEEPING.perSecond(scanned),
                        PACKING.perSecond(scanned),
                        bytes));
            } finally {
                connection.rollback();
            }
        } catch (SQLException | IOException e) {
            LOG.infof("PostgreSQL could not be measured for a forecast: reason=%s", e.getMessage());
            return Optional.empty();
        }
    }

    private static String rows() {
        StringBuilder rows = new StringBuilder(ROWS * 130);
        for (int i = 1; i <= ROWS; i++) {
            rows.append(i)
                    .append("\t2026-01-")
                    .append(String.format("%02d", 1 + i % 28))
                    .append("\tBusiness ")
                    .append(i % 500)
                    .append("\tCategory ")
                    .append(i % 40)
                    .append('\t')
                    .append(i % 1_000)
                    .append(".25\tAccount ")
                    .append(i % 5)
                    .append("\tEUR\tnotes of an ordinary length ")
                    .append(i)
                    .append("\t1\t00000000-0000-4000-8000-")
                    .append(String.format("%012d", i))
                    .append("\t00000000-0000-4000-8000-")
                    .append(String.format("%012d", i))
                    .append('\n');
        }
        return rows.toString();
    }

    private static double seconds(long began) {
        return Math.max(1e-3, (System.nanoTime() - began) / 1e9);
    }
}
