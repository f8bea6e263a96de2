package io.homebudget.ledger.storage.outbox;

import org.apache.kafka.clients.producer.Producer;

/** Looks at the publisher's connection to Kafka from outside, to measure it. Called on the publisher's thread; must not block. */
@FunctionalInterface
public interface ProducerWatch {
    ProducerWatch NONE = producer -> () -> {};

    /** A producer is there, the only one. @return what lets it go again; called once, before the producer is closed */
    Runnable watch(Producer<?, ?> producer);
}
