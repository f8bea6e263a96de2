package io.homebudget.backup.format;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where a topic ended just before the stores were read: every change that an image does not hold was published at or after
 * these offsets, so reading on from here misses nothing. What is read twice is harmless.
 *
 * @param id Kafka's own id of the topic, another one after it was deleted and made anew; null where it is not known
 * @param offsets the next offset by partition; empty where they are not known
 */
@JsonNaming(SnakeCaseStrategy.class)
public record TopicEnd(String topic, String id, Map<Integer, Long> offsets) {
    public TopicEnd {
        offsets = new TreeMap<>(offsets);
    }
}
