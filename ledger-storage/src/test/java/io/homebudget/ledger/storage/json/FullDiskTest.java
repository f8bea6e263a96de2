package io.homebudget.ledger.storage.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real operating system that refuses bytes: a limit on the size of files, which needs neither root nor a mount. */
class FullDiskTest {
    /** In the shell's blocks of 512 or 1,024 bytes: enough to begin with, too little for the child's writes. */
    private static final int BLOCKS = 600;

    @TempDir
    Path home;

    @Test
    void whatDoesNotFitIsCertainlyNotWrittenAndWhatWasAcknowledgedIsThereWhenThereIsRoom() throws Exception {
        Path folder = home.resolve("data");

        List<String> lines = runWithoutRoom(folder);

        List<Long> written = lines.stream()
                .filter(line -> line.startsWith("written "))
                .map(line -> Long.parseLong(line.substring("written ".length())))
                .toList();
        assertThat(written).hasSizeGreaterThan(100);
        assertThat(lines.subList(written.size(), lines.size()))
                .hasSize(5)
                .containsOnly("NotWritten served " + written.size());
        try (JsonStore store = Stores.open(folder)) {
            assertThat(Stores.all(store))
                    .extracting(held -> held.entry().id())
                    .containsExactlyInAnyOrderElementsOf(written);
            assertThat(Stores.created(store, "room again")).isGreaterThan(written.get(written.size() - 1));
        }
    }

    private static List<String> runWithoutRoom(Path folder) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process child = new ProcessBuilder(
                        "sh",
                        "-c",
                        "ulimit -f " + BLOCKS + "; exec \"$@\"",
                        "sh",
                        java,
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UsePerfData",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        FullDiskChild.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader in = child.inputReader()) {
            List<String> lines = in.lines().toList();
            assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
            return lines;
        } finally {
            child.destroyForcibly();
        }
    }
}
