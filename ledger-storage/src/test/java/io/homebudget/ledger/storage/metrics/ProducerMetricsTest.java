package io.homebudget.ledger.storage.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class ProducerMetricsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final LedgerMetrics metrics = new LedgerMetrics(registry, "expense");

    @Test
    void a_producers_own_figures_are_shown_with_the_kind_and_go_with_it() {
        for (int connection = 0; connection < 3; connection++) {
            Runnable unwatch = metrics.ofProducer(producer());

            assertThat(names()).containsExactly("kafka.producer.record.send.total");
            assertThat(registry.getMeters().get(0).getId().getTag("kind")).isEqualTo("expense");

            unwatch.run();
            assertThat(names()).isEmpty();
        }
    }

    private List<String> names() {
        return registry.getMeters().stream()
                .map(Meter::getId)
                .map(Meter.Id::getName)
                .toList();
    }

    private static MockProducer<String, byte[]> producer() {
        MockProducer<String, byte[]> producer =
                new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer());
        MetricName name = new MetricName("record-send-total", "producer-metrics", "", Map.of("client-id", "c"));
        producer.setMockMetrics(name, new Metric() {
            @Override
            public MetricName metricName() {
                return name;
            }

            @Override
            public Object metricValue() {
                return 7.0;
            }
        });
        return producer;
    }
}
