package io.homebudget.local.breakglass;

import io.homebudget.local.home.Refused;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs a tool of the storage engine in a process of its own, from the libraries that the ledger services are built with. The
 * engine owns the file formats; nothing here depends on it.
 */
public final class StorageTool {
    private static final String PACKAGE = "io.homebudget.ledger.storage.breakglass.";

    private StorageTool() {}

    /** @return the tool's exit status; its output goes where ours goes */
    public static int run(Path repository, String tool, String... arguments) throws IOException {
        return run(repository, Map.of(), tool, arguments);
    }

    /** @param environment what the tool must know and nobody may see in a list of processes */
    public static int run(Path repository, Map<String, String> environment, String tool, String... arguments)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command(repository, tool, arguments)).inheritIO();
        builder.environment().putAll(environment);
        return end(builder.start());
    }

    /** @return what the tool prints, without its last line's end; empty where its status is not 0: then it said why itself */
    public static Optional<String> ask(Path repository, String tool, String... arguments) throws IOException {
        Process process = new ProcessBuilder(command(repository, tool, arguments))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return end(process) == 0 ? Optional.of(answer.strip()) : Optional.empty();
    }

    private static List<String> command(Path repository, String tool, String... arguments) {
        Path libraries = repository.resolve("expense-service/target/quarkus-app/lib");
        if (!Files.isDirectory(libraries)) {
            throw new Refused(libraries + " is missing: build once with mvn -DskipTests package.");
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                libraries.resolve("boot") + "/*" + File.pathSeparator + libraries.resolve("main") + "/*",
                PACKAGE + tool));
        command.addAll(List.of(arguments));
        return command;
    }

    private static int end(Process process) {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            return 1;
        }
    }
}
