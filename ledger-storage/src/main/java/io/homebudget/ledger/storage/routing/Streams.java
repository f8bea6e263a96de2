package io.homebudget.ledger.storage.routing;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import java.util.concurrent.Flow;

/** Tells whether a stream can be begun before promising it to a client. */
final class Streams {
    private Streams() {}

    /**
     * Asks for the first item. The result holds the whole stream, that item included; demand is passed on as it comes, so
     * memory stays bounded. Fails where the stream fails before its first item. The result must be subscribed to once.
     */
    static <T> Uni<Multi<T>> begun(Multi<T> source) {
        return Uni.createFrom().emitter(emitter -> {
            Begun<T> begun = new Begun<>(emitter);
            emitter.onTermination(begun::abandonIfUnread);
            source.subscribe().withSubscriber(begun);
        });
    }

    private static final class Begun<T> implements Flow.Subscriber<T>, Flow.Publisher<T>, Flow.Subscription {
        private final UniEmitter<? super Multi<T>> promise;
        private Flow.Subscription source;
        private Flow.Subscriber<? super T> reader;
        private T first;
        /** The first item is on its way to the reader: the end, which the source may tell at any moment, waits for it. */
        private boolean delivering;

        private boolean begun;
        private boolean completed;
        private Throwable failure;

        Begun(UniEmitter<? super Multi<T>> promise) {
            this.promise = promise;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            source = subscription;
            source.request(1);
        }

        @Override
        public void onNext(T item) {
            if (begun) {
                reader.onNext(item);
                return;
            }
            synchronized (this) {
                begun = true;
                first = item;
            }
            promise.complete(Multi.createFrom().publisher(this));
        }

        @Override
        public void onError(Throwable error) {
            if (!begun) {
                promise.fail(error);
                return;
            }
            synchronized (this) {
                failure = error;
                if (reader == null || first != null || delivering) {
                    return;
                }
            }
            reader.onError(error);
        }

        @Override
        public void onComplete() {
            if (!begun) {
                promise.complete(Multi.createFrom().empty());
                return;
            }
            synchronized (this) {
                completed = true;
                if (reader == null || first != null || delivering) {
                    return;
                }
            }
            reader.onComplete();
        }

        @Override
        public void subscribe(Flow.Subscriber<? super T> subscriber) {
            synchronized (this) {
                reader = subscriber;
            }
            subscriber.onSubscribe(this);
        }

        @Override
        public void request(long n) {
            T item;
            synchronized (this) {
                item = first;
                first = null;
                delivering = item != null;
            }
            if (item == null) {
                source.request(n);
                return;
            }
            reader.onNext(item);
            boolean ended;
            Throwable error;
            synchronized (this) {
                delivering = false;
                ended = completed;
                error = failure;
            }
            if (error != null) {
                reader.onError(error);
            } else if (ended) {
                reader.onComplete();
            } else if (n > 1) {
                source.request(n - 1);
            }
        }

        @Override
        public void cancel() {
            source.cancel();
        }

        private void abandonIfUnread() {
            synchronized (this) {
                if (reader != null) {
                    return;
                }
            }
            if (source != null && !begun) {
                source.cancel();
            }
        }
    }
}
