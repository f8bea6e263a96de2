package io.homebudget.migration.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListenerTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final List<String> sent = new ArrayList<>();
    private final List<UniEmitter<? super Void>> open = new ArrayList<>();
    private final List<String> drops = new ArrayList<>();

    /** A client whose socket takes the next message only when {@link #read} is called. */
    private final Listener slow = new Listener(
            text -> Uni.createFrom().emitter(emitter -> {
                sent.add(text);
                open.add(emitter);
            }),
            drops::add);

    private void read() {
        open.remove(0).complete(null);
    }

    private void greet() {
        slow.greet(Uni.createFrom().item("state"), LIMIT).await().atMost(LIMIT);
    }

    @Test
    void aStateThatDoesNotComeEndsTheConnectionWithinTheLimitAndNothingIsSentAfterIt() {
        slow.tell("early");

        slow.greet(Uni.createFrom().nothing(), Duration.ofMillis(1)).await().atMost(LIMIT);
        slow.tell("late");

        assertThat(slow.dropped()).isTrue();
        assertThat(drops).hasSize(1).allSatisfy(why -> assertThat(why).contains("connect again"));
        assertThat(sent).isEmpty();
    }

    @Test
    void aStateThatComesAfterTooMuchHappenedIsNotSentAndTheClientIsNotCalledSlow() {
        UniEmitter<? super String>[] late = emitters();
        slow.greet(Uni.createFrom().emitter(emitter -> late[0] = emitter), LIMIT)
                .subscribe()
                .with(greeted -> {});
        for (int i = 0; i <= Listener.MOST; i++) {
            slow.tell("message " + i);
        }

        late[0].complete("state");

        assertThat(slow.dropped()).isTrue();
        assertThat(drops)
                .hasSize(1)
                .allSatisfy(why -> assertThat(why).contains("before the state").contains("connect again"));
        assertThat(sent).isEmpty();
    }

    @SuppressWarnings("unchecked")
    private static UniEmitter<? super String>[] emitters() {
        return new UniEmitter[1];
    }

    @Test
    void theStateComesFirstWhateverHappensWhileItIsGathered() {
        slow.tell("early");
        assertThat(sent).isEmpty();

        greet();
        read();
        read();

        assertThat(sent).containsExactly("state", "early");
    }

    @Test
    void messagesGoOneByOneInTheirOrder() {
        greet();
        slow.tell("one");
        slow.tell("two");
        assertThat(sent).containsExactly("state");

        read();
        read();

        assertThat(sent).containsExactly("state", "one", "two");
    }

    @Test
    void aClientThatDoesNotReadIsDroppedOnceAndTakesNoMemoryAfterwards() {
        greet();
        for (int i = 0; i < Listener.MOST; i++) {
            slow.tell("message " + i);
        }
        assertThat(slow.dropped()).isFalse();

        slow.tell("one too many");
        slow.tell("another");

        assertThat(slow.dropped()).isTrue();
        assertThat(drops).hasSize(1).allSatisfy(why -> assertThat(why).contains("too slow"));
        assertThat(sent).containsExactly("state");
    }
}
