package io.homebudget.backup.retention;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.homebudget.backup.format.SnapshotId;

/** @param why which rule keeps the snapshot, or that none does */
@JsonNaming(SnakeCaseStrategy.class)
public record Decision(SnapshotId id, boolean keep, String why) {}
