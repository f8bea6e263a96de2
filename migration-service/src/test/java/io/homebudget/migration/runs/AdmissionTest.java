package io.homebudget.migration.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.migration.problems.Refused;
import io.homebudget.migration.schema.DatabaseAway;
import io.smallrye.mutiny.Uni;
import io.vertx.pgclient.PgException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** What is told of a run whose writing down got no answer. */
class AdmissionTest {
    private static final DatabaseAway SILENT = new DatabaseAway("no answer", new TimeoutException());

    private static void order(RuntimeException writing, Uni<Boolean> written) {
        Admission.certain(() -> Uni.createFrom().failure(writing), () -> written)
                .await()
                .atMost(Duration.ofSeconds(20));
    }

    @Test
    void aRunThatIsThereAfterAllIsStarted() {
        order(SILENT, Uni.createFrom().item(true));
    }

    /** Its writing may still be under way, so "nothing was started" could be untrue a moment later. */
    @Test
    void whereItIsNotFoundTheOutcomeIsUnknown() {
        assertThatThrownBy(() -> order(SILENT, Uni.createFrom().item(false)))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.refusal().error()).isEqualTo(LedgerError.OUTCOME_UNKNOWN));
    }

    @Test
    void wherePostgresqlStaysSilentTheOutcomeIsUnknown() {
        assertThatThrownBy(() -> order(SILENT, Uni.createFrom().failure(SILENT)))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.refusal().error()).isEqualTo(LedgerError.OUTCOME_UNKNOWN));
    }

    @Test
    void withoutAConnectionNothingWasStartedForCertain() {
        DatabaseAway refused = new DatabaseAway("refused", new IllegalStateException(new ConnectException()));
        DatabaseAway unready = new DatabaseAway("no connection yet", null);
        DatabaseAway full = new DatabaseAway("full", new PgException("", "FATAL", "53300", ""));
        DatabaseAway ended = new DatabaseAway("ended", new PgException("", "FATAL", "57P01", ""));

        assertThatThrownBy(() -> order(refused, Uni.createFrom().item(true))).isSameAs(refused);
        assertThatThrownBy(() -> order(unready, Uni.createFrom().item(true))).isSameAs(unready);
        assertThatThrownBy(() -> order(full, Uni.createFrom().item(true))).isSameAs(full);
        // that may have come after the commit
        order(ended, Uni.createFrom().item(true));
    }

    @Test
    void whatElseFailsIsTold() {
        Refused active = Refused.of(LedgerError.CONFLICT, "A run of this kind is active.");

        assertThatThrownBy(() -> order(active, Uni.createFrom().item(true))).isSameAs(active);
    }
}
