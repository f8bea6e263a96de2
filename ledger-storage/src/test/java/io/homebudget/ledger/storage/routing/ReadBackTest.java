package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.routing.TwoStores.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A decision without an answer is read back: what the decider holds then, and not what was asked of it, is served. */
@Tag("A36")
class ReadBackTest {
    private final TwoStores stores = new TwoStores();
    private final ReadBack readBack = new ReadBack(stores.helm);
    private Course course;

    @BeforeEach
    void dual() {
        stores.enter(Phase.DUAL_WRITE);
        course = stores.helm.course();
    }

    @AfterEach
    void close() {
        stores.close();
    }

    @Test
    void aDecisionWhoseAnswerWasLostCounts() {
        Rule to = new Rule(course.epoch() + 1, Phase.JSON_ONLY);
        long position = await(stores.json.decide(course.rule(), to));

        assertThat(await(readBack.abandonOrAsk(course, to, stores.json, stores.postgres, lost(), noAnswer())))
                .isEqualTo(position);
    }

    @Test
    void anotherChangeThatGotTheSameEpochBeforeIsServedInsteadOfTheOneThatWasAskedFor() {
        Rule earlier = new Rule(course.epoch() + 1, Phase.DATABASE_READS);
        await(stores.json.decide(course.rule(), earlier));
        Rule to = new Rule(course.epoch() + 1, Phase.JSON_ONLY);

        assertThatThrownBy(() ->
                        await(readBack.abandonOrAsk(course, to, stores.json, stores.postgres, lost(), noAnswer())))
                .isInstanceOf(PhaseChangeRefused.class)
                .hasMessageContaining("DATABASE_READS was decided before");

        assertThat(stores.helm.course().rule()).isEqualTo(earlier);
        assertThat(stores.helm.course().mayWrite()).isFalse();
    }

    @Test
    void whereNothingWasDecidedTheOldPhaseGoesOn() {
        Rule to = new Rule(course.epoch() + 1, Phase.JSON_ONLY);

        assertThatThrownBy(() ->
                        await(readBack.abandonOrAsk(course, to, stores.json, stores.postgres, lost(), noAnswer())))
                .isInstanceOf(PhaseChangeRefused.class);

        assertThat(stores.helm.course()).isSameAs(course);
    }

    private static CompletableFuture<Long> lost() {
        return CompletableFuture.failedFuture(noAnswer());
    }

    private static TimeoutException noAnswer() {
        return new TimeoutException("no answer to the decision");
    }
}
