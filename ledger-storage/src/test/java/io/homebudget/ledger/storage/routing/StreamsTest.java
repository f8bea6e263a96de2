package io.homebudget.ledger.storage.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.mutiny.Multi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A stream that is begun before it is promised, and a source that ends while its first item is on the way. */
class StreamsTest {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    /** Emits when it is told to, and not when it is asked. */
    private static final class Source implements Flow.Publisher<String>, Flow.Subscription {
        private Flow.Subscriber<? super String> subscriber;

        @Override
        public void subscribe(Flow.Subscriber<? super String> subscriber) {
            this.subscriber = subscriber;
            subscriber.onSubscribe(this);
        }

        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
    }

    /** Asks for one item after the other and notes what happens, and when the handling of an item is over. */
    private static final class Reader implements Flow.Subscriber<String> {
        private final List<String> seen = new ArrayList<>();
        private final Runnable meanwhile;

        Reader(Runnable meanwhile) {
            this.meanwhile = meanwhile;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(1);
        }

        @Override
        public void onNext(String item) {
            meanwhile.run();
            seen.add(item);
        }

        @Override
        public void onError(Throwable failure) {
            seen.add("failed");
        }

        @Override
        public void onComplete() {
            seen.add("completed");
        }
    }

    private final Source source = new Source();

    private Multi<String> begun() {
        var promise = Streams.begun(Multi.createFrom().publisher(source)).subscribeAsCompletionStage();
        source.subscriber.onNext("first");
        return promise.orTimeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS).join();
    }

    @Test
    void the_end_never_overtakes_the_first_item_and_comes_once() {
        Reader reader = new Reader(() -> source.subscriber.onComplete());

        begun().subscribe().withSubscriber(reader);

        assertThat(reader.seen).containsExactly("first", "completed");
    }

    @Test
    void a_failure_never_overtakes_the_first_item_and_comes_once() {
        Reader reader = new Reader(() -> source.subscriber.onError(new IllegalStateException("away")));

        begun().subscribe().withSubscriber(reader);

        assertThat(reader.seen).containsExactly("first", "failed");
    }
}
