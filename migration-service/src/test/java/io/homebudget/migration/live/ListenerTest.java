package io.homebudget.migration.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ListenerTest {
    private final List<String> sent = new ArrayList<>();
    private final List<UniEmitter<? super Void>> open = new ArrayList<>();
    private final AtomicInteger drops = new AtomicInteger();

    /** A client whose socket takes the next message only when {@link #read} is called. */
    private final Listener slow = new Listener(
            text -> Uni.createFrom().emitter(emitter -> {
                sent.add(text);
                open.add(emitter);
            }),
            drops::incrementAndGet);

    private void read() {
        open.remove(0).complete(null);
    }

    @Test
    void theStateComesFirstWhateverHappensWhileItIsGathered() {
        slow.tell("early");
        assertThat(sent).isEmpty();

        slow.greet("state");
        read();
        read();

        assertThat(sent).containsExactly("state", "early");
    }

    @Test
    void messagesGoOneByOneInTheirOrder() {
        slow.greet("state");
        slow.tell("one");
        slow.tell("two");
        assertThat(sent).containsExactly("state");

        read();
        read();

        assertThat(sent).containsExactly("state", "one", "two");
    }

    @Test
    void aClientThatDoesNotReadIsDroppedOnceAndTakesNoMemoryAfterwards() {
        slow.greet("state");
        for (int i = 0; i < Listener.MOST; i++) {
            slow.tell("message " + i);
        }
        assertThat(slow.dropped()).isFalse();

        slow.tell("one too many");
        slow.tell("another");

        assertThat(slow.dropped()).isTrue();
        assertThat(drops).hasValue(1);
        assertThat(sent).containsExactly("state");
    }
}
