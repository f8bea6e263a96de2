package io.homebudget.backup.format;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where a topic ended just before the stores were read: every change that an image does not hold was published at or after
 * these offsets, so reading on from here misses nothing. What is read twice is harmless.
 *
 * @param offsets the next offset by partition
 */
@JsonNaming(SnakeCaseStrategy.class)
public record TopicEnd(String topic, Map<Integer, Long> offsets) {
    public TopicEnd {
        offsets = new TreeMap<>(offsets);
    }
}
