package io.homebudget.ledger.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which metrics the alert rules read. A rule over a metric that nobody serves never fires and never fails, so each service's
 * tests compare its own with what it serves.
 */
public final class AlertRules {
    /** As seen from a module, where its tests run. */
    private static final Path RULES = Path.of("..", "deploy", "observability", "alerts.yml");

    private AlertRules() {}

    /**
     * The names in the rules that begin so.
     *
     * @param prefix what one service calls its own, as {@code ledger_}
     */
    public static Set<String> metrics(String prefix) throws IOException {
        return Pattern.compile("\\b" + prefix + "[a-z_]+")
                .matcher(Files.readString(RULES))
                .results()
                .map(found -> found.group())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The names in the text that a service serves under {@code /q/metrics}. */
    public static Set<String> served(String metrics) {
        return metrics.lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split("[ {]", 2)[0])
                .collect(Collectors.toSet());
    }
}
