package io.homebudget.ledger.storage.breakglass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Stands in for the engine's program of this name: a folder's phase is what its file {@code phase} says. */
public final class RecordedPhase {
    private RecordedPhase() {}

    public static void main(String[] arguments) throws IOException {
        Path phase = Path.of(arguments[1]).resolve("phase");
        if (!Files.exists(phase)) {
            System.err.println("no phase is recorded");
            System.exit(1);
        }
        System.out.println(Files.readString(phase));
    }
}
