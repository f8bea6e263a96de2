package io.homebudget.migration.reconcile;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import java.util.Objects;

/** An event that could not be read. Its place in the topic is its name, so that it is put aside once. */
@Entity(name = "PutAside")
@Table(name = "put_aside")
public class PutAsideRow extends PanacheEntityBase {
    @EmbeddedId
    public Place place;

    public String kind;
    public String reason;
    public Instant at;

    /** Where an event lies. */
    @Embeddable
    public static class Place implements Serializable {
        private static final long serialVersionUID = 1L;

        public String topic;

        @Column(name = "partition_no")
        public int partition;

        @Column(name = "offset_no")
        public long offset;

        @Override
        public boolean equals(Object other) {
            return other instanceof Place that
                    && Objects.equals(topic, that.topic)
                    && partition == that.partition
                    && offset == that.offset;
        }

        @Override
        public int hashCode() {
            return Objects.hash(topic, partition, offset);
        }
    }
}
