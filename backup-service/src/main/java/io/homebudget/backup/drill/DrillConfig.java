package io.homebudget.backup.drill;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** What the environment decides about drills. */
@ConfigMapping(prefix = "drill")
public interface DrillConfig {

    /** When a drill is made: six or seven fields as in Quartz, UTC; {@code off} for never. */
    String schedule();

    /** Whose server lends the scratch database; without one a drill restores into a folder alone. */
    Optional<String> databaseUrl();
}
