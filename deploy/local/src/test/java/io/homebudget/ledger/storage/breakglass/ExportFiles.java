package io.homebudget.ledger.storage.breakglass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Stands in for the engine's program of this name: the export says what it was asked for. */
public final class ExportFiles {
    private ExportFiles() {}

    public static void main(String[] arguments) throws IOException {
        Files.writeString(Path.of(arguments[2]), arguments[0] + " of " + arguments[1]);
    }
}
