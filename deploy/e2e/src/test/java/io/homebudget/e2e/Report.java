package io.homebudget.e2e;

import io.homebudget.e2e.load.History;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;

/** Figures of one scenario, on the console and in {@code target/e2e/NAME.txt}: what was proven, and how it went. */
final class Report {
    private final String name;
    private final Path file;

    Report(String name) throws IOException {
        this.name = name;
        Path folder = Files.createDirectories(Path.of(System.getProperty("e2e.report", "target/e2e")));
        this.file = folder.resolve(name + ".txt");
        Files.deleteIfExists(file);
    }

    /** What may fail in a step. */
    interface Action {
        void run() throws Exception;
    }

    void line(String line) throws IOException {
        System.out.println(name + ": " + line);
        Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    void lines(String what, List<String> lines) throws IOException {
        line(what + ": " + History.some(lines));
    }

    void step(String step, Action action) throws Exception {
        long began = System.nanoTime();
        action.run();
        line(String.format(Locale.ROOT, "%s: %.1f s", step, (System.nanoTime() - began) / 1e9));
    }
}
