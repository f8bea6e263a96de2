package io.homebudget.backup.health;

import io.homebudget.backup.drill.DrillConfig;
import io.homebudget.ledger.config.DatabaseUrl;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import org.jboss.logging.Logger;

/**
 * Whether the PostgreSQL that lends its server to drills takes this service's connections, as of a few seconds ago.
 *
 * <p>Asked on a thread of the scheduler, one look at a time, each at most {@link #LIMIT_SECONDS} long; answers come from memory. So a
 * database that hangs cannot make a probe of this service time out, which works without it.
 */
@ApplicationScoped
public class DatabaseLook {
    private static final Logger LOG = Logger.getLogger(DatabaseLook.class);
    /** A connection takes milliseconds; shorter than the pause between two looks. */
    static final int LIMIT_SECONDS = 3;

    /** The classes of SQLSTATE that say no connection came about, or that the server is starting or stopping. */
    private static final String NO_CONNECTION = "08";

    private static final String NOT_NOW = "57P";

    private final Optional<DatabaseUrl> url;
    private volatile Answer last = Answer.DISCONNECTED;

    /** In the words of {@code /health} of every service. */
    public enum Answer {
        CONNECTED("connected"),
        /** Out of reach, or none is configured. */
        DISCONNECTED("disconnected"),
        /** It answers, and refuses: another password, no such database, no more connections. */
        ERROR("error");

        private final String word;

        Answer(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    DatabaseLook(DrillConfig config) {
        url = config.databaseUrl().filter(text -> !text.isBlank()).map(DatabaseUrl::parse);
    }

    /** What the last look found; {@code DISCONNECTED} before the first. */
    public Answer last() {
        return last;
    }

    @Scheduled(every = "{health.database-every}", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void look() {
        url.ifPresent(place -> note(ask(place)));
    }

    private void note(Answer now) {
        if (now != last) {
            LOG.infof("the database of the drills: now=%s before=%s", now.word(), last.word());
        }
        last = now;
    }

    /** Opens one connection and closes it: the server has then named itself, and let this user into this database. */
    private static Answer ask(DatabaseUrl place) {
        Properties settings = new Properties();
        settings.setProperty("user", place.user());
        settings.setProperty("password", place.password());
        String limit = Integer.toString(LIMIT_SECONDS);
        settings.setProperty("connectTimeout", limit);
        settings.setProperty("socketTimeout", limit);
        // of everything together, more than one address of the host included
        settings.setProperty("loginTimeout", limit);
        try (Connection connection = DriverManager.getConnection(place.jdbcUrl(), settings)) {
            return connection.isClosed() ? Answer.DISCONNECTED : Answer.CONNECTED;
        } catch (SQLException e) {
            // without the message, which may name what the URL holds
            LOG.debugf("the database of the drills cannot be reached: sqlstate=%s", e.getSQLState());
            String state = e.getSQLState() == null ? NO_CONNECTION : e.getSQLState();
            return state.startsWith(NO_CONNECTION) || state.startsWith(NOT_NOW) ? Answer.DISCONNECTED : Answer.ERROR;
        }
    }
}
