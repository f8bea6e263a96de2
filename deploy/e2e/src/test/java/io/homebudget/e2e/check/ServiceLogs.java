package io.homebudget.e2e.check;

import io.homebudget.e2e.stack.Stack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the processes complained of. */
public final class ServiceLogs {
    private static final Pattern COMPLAINT =
            Pattern.compile("\\b(ERROR|SEVERE|FATAL|PANIC|WARN|WARNING)\\b|^\\s+at [a-z].*\\(|Exception");

    private ServiceLogs() {}

    /** @param expected what is normal where processes are killed; part of a line */
    public static List<String> complaints(Stack stack, String... expected) throws IOException {
        List<String> found = new ArrayList<>();
        for (String member : Stack.MEMBERS) {
            Path log = stack.home().resolve("logs/" + member + ".log");
            if (Files.exists(log)) {
                try (Stream<String> lines = Files.lines(log)) {
                    lines.filter(line -> COMPLAINT.matcher(line).find())
                            .filter(line -> Stream.of(expected).noneMatch(line::contains))
                            .forEach(line -> found.add(member + ": " + line));
                }
            }
        }
        return found;
    }
}
