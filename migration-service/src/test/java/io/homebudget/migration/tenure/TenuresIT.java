package io.homebudget.migration.tenure;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.migration.schema.Database;
import io.homebudget.migration.standin.Api;
import io.homebudget.migration.standin.Sql;
import io.homebudget.migration.standin.States;
import io.homebudget.migration.standin.World;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(value = World.class, restrictToAnnotatedClass = true)
class TenuresIT {
    private static final UUID LEDGER = UUID.fromString("00000000-0000-4000-8000-00000000000a");
    private static final UUID BEGUN_ANEW = UUID.fromString("00000000-0000-4000-8000-00000000000b");
    private static final Instant FIRST = Instant.parse("2026-11-01T12:00:00Z");
    private static final Instant LATER = FIRST.plus(Duration.ofDays(3));

    /** Kinds of the tests' own: the service around them remembers the two real ones. */
    private final String kind = "kind-" + UUID.randomUUID();

    @Inject
    Database database;

    @Inject
    DataSource dataSource;

    private Tenures tenures;

    @BeforeEach
    void anyKindMayBeRemembered() {
        Api.awaitReady();
        Sql.run(dataSource, "alter table migration.tenures drop constraint if exists tenures_kind_check");
        startedAgain();
    }

    /** One that knows nothing yet but what the database holds. */
    private void startedAgain() {
        tenures = new Tenures(database);
    }

    private Instant since(UUID identity, long epoch, Instant told) {
        return tenures.remembered(state(identity, epoch, told))
                .await()
                .atMost(Duration.ofSeconds(30))
                .phaseSince();
    }

    private void forgottenInTheDatabase() {
        Sql.run(dataSource, "delete from migration.tenures where kind = '" + kind + "'");
    }

    private LedgerState state(UUID identity, long epoch, Instant since) {
        return States.dual(kind, identity, epoch, since, "connected");
    }

    @Test
    void theMomentOutlivesARestartOfTheLedgerServiceAndOfThisOne() {
        assertThat(since(LEDGER, 2, FIRST)).isEqualTo(FIRST);

        assertThat(since(LEDGER, 2, LATER)).isEqualTo(FIRST);
        startedAgain();

        assertThat(since(LEDGER, 2, LATER)).isEqualTo(FIRST);
    }

    @Test
    void anEarlierMomentOfTheSameEpochIsTheOneThatHolds() {
        since(LEDGER, 2, LATER);
        startedAgain();

        assertThat(since(LEDGER, 2, FIRST)).isEqualTo(FIRST);

        startedAgain();
        assertThat(since(LEDGER, 2, LATER)).isEqualTo(FIRST);
    }

    @Test
    void anotherEpochBeginsAtItsOwnMoment() {
        since(LEDGER, 2, FIRST);

        assertThat(since(LEDGER, 3, LATER)).isEqualTo(LATER);

        startedAgain();
        assertThat(since(LEDGER, 3, LATER.plusSeconds(1))).isEqualTo(LATER);
    }

    @Test
    void anAnswerThatWasOvertakenKeepsItsMomentAndDoesNotBringItsEpochBack() {
        since(LEDGER, 3, FIRST);
        startedAgain();

        assertThat(since(LEDGER, 2, LATER)).isEqualTo(LATER);

        startedAgain();
        assertThat(since(LEDGER, 3, LATER)).isEqualTo(FIRST);
    }

    @Test
    void theDatabaseIsAskedOnceAboutAnEpochAlsoAboutOneThatWasOvertaken() {
        since(LEDGER, 3, FIRST);
        startedAgain();
        since(LEDGER, 2, LATER);
        forgottenInTheDatabase();

        assertThat(since(LEDGER, 2, LATER)).isEqualTo(LATER);
        assertThat(since(LEDGER, 3, LATER)).isEqualTo(FIRST);

        startedAgain();
        assertThat(since(LEDGER, 2, LATER.plusSeconds(1)))
                .as("nothing was written meanwhile")
                .isEqualTo(LATER.plusSeconds(1));
    }

    @Test
    void aLedgerBegunAnewInheritsNothingAndIsRememberedFromItsFirstEpochOn() {
        since(LEDGER, 5, FIRST);

        assertThat(since(BEGUN_ANEW, 1, LATER)).isEqualTo(LATER);
        assertThat(since(BEGUN_ANEW, 1, LATER.plusSeconds(1))).isEqualTo(LATER);
        startedAgain();
        assertThat(since(BEGUN_ANEW, 1, LATER.plusSeconds(2))).isEqualTo(LATER);

        assertThat(since(BEGUN_ANEW, 5, LATER.plusSeconds(3))).isEqualTo(LATER.plusSeconds(3));
    }

    @Test
    void aLedgerThatTellsNoIdentityIsRememberedToo() {
        since(null, 2, FIRST);
        startedAgain();

        assertThat(since(null, 2, LATER)).isEqualTo(FIRST);
        assertThat(since(LEDGER, 2, LATER)).isEqualTo(LATER);
    }
}
