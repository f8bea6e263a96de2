package io.homebudget.migration.wayback;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.migration.schema.Database;
import io.homebudget.migration.standin.Api;
import io.homebudget.migration.standin.SimLedger;
import io.homebudget.migration.standin.Sql;
import io.homebudget.migration.standin.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = World.class, restrictToAnnotatedClass = true)
class ClosureBookIT {
    /** A kind of the test's own: the service around it looks at the two real ones. */
    private final String kind = "kind-" + UUID.randomUUID();

    private final SimLedger ledger = new SimLedger(kind);

    @Inject
    Database database;

    @Inject
    DataSource dataSource;

    private ClosureBook book;

    @BeforeEach
    void aWayBackIsClosed() {
        Api.awaitReady();
        Sql.run(
                dataSource,
                "alter table migration.closed_ways drop constraint if exists closed_ways_kind_check",
                "insert into migration.closed_ways (id, kind, epoch, archive, actor, reason, closed_at) values"
                        + " (gen_random_uuid(), '" + kind + "', 4, 'a.tar.gz', 'operator', 'all is well', now())");
        startedAgain();
    }

    /** One that knows nothing yet but what the database holds. */
    private void startedAgain() {
        book = new ClosureBook(database, Clock.systemUTC());
    }

    private Optional<String> closedIn(Phase phase) {
        ledger.dual(phase);
        return book.closed(ledger.state()).await().atMost(Duration.ofSeconds(30));
    }

    @Test
    void itIsClosedAfterARestartToo() {
        assertThat(closedIn(Phase.DATABASE_ONLY))
                .hasValueSatisfying(why -> assertThat(why).contains("all is well"));

        startedAgain();

        assertThat(closedIn(Phase.DATABASE_ONLY)).isPresent();
    }

    @Test
    void aLedgerThatWasTakenBackWhileTheServiceWasDownIsNotCalledClosedLater() {
        // seen for the first time by a service that just started
        assertThat(closedIn(Phase.JSON_ONLY)).isEmpty();

        assertThat(closedIn(Phase.DATABASE_ONLY)).isEmpty();
        startedAgain();
        assertThat(closedIn(Phase.DATABASE_ONLY)).isEmpty();
    }
}
