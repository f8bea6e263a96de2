package io.homebudget.migration.upgrade;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.time.Instant;

/** One step of an upgrade. @param state {@code running}, {@code done}, {@code skipped} or {@code failed} */
@JsonNaming(SnakeCaseStrategy.class)
record UpgradeStep(String name, String state, String detail, Instant started, Instant finished) {

    UpgradeStep ended(String how, String why, Instant at) {
        return new UpgradeStep(name, how, why, started, at);
    }
}
