package io.homebudget.migration.runs;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/** One step of a run: its row is the checkpoint from which a restarted service goes on (A30). */
@Entity
@Table(name = "steps")
@IdClass(Step.Key.class)
public class Step extends PanacheEntityBase {
    static final String PENDING = "pending";
    static final String RUNNING = "running";
    static final String DONE = "done";
    static final String SKIPPED = "skipped";
    static final String FAILED = "failed";
    static final String CANCELLED = "cancelled";

    @Id
    public UUID runId;

    @Id
    public int ordinal;

    public String name;
    public String state;
    public String detail;
    public long done;
    public long total;

    public Instant startedAt;

    public Instant finishedAt;

    static Step pending(UUID runId, int ordinal, StepName name) {
        Step step = new Step();
        step.runId = runId;
        step.ordinal = ordinal;
        step.name = name.word();
        step.state = PENDING;
        return step;
    }

    StepName nameOf() {
        return StepName.ofWord(name);
    }

    boolean open() {
        return PENDING.equals(state) || RUNNING.equals(state);
    }

    void end(String how, String why, Instant at) {
        state = how;
        detail = why;
        finishedAt = at;
        if (startedAt == null) {
            startedAt = at;
        }
    }

    double seconds(Instant now) {
        if (startedAt == null) {
            return 0;
        }
        return Duration.between(startedAt, finishedAt == null ? now : finishedAt)
                        .toMillis()
                / 1e3;
    }

    /** The primary key. */
    public static class Key implements Serializable {
        private static final long serialVersionUID = 1L;
        public UUID runId;
        public int ordinal;

        public Key() {}

        public Key(UUID runId, int ordinal) {
            this.runId = runId;
            this.ordinal = ordinal;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.ordinal == ordinal && key.runId.equals(runId);
        }

        @Override
        public int hashCode() {
            return runId.hashCode() * 31 + ordinal;
        }
    }
}
