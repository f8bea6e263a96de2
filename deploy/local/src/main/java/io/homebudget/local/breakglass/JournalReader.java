package io.homebudget.local.breakglass;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.local.home.Refused;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ServiceLoader;

/** Reads the JSON store's journal without its service. The store's own module provides it, because it owns the format. */
public interface JournalReader {

    /** @return 0 when the journal is whole, 1 when something is damaged */
    int inspect(Path folder, Kind kind, PrintStream out) throws IOException;

    static JournalReader found() {
        return ServiceLoader.load(JournalReader.class)
                .findFirst()
                .orElseThrow(
                        () -> new Refused(
                                "This build holds no reader for the journal. The journal itself lies under"
                                        + " data/expense and data/income of the home; the service's log and GET /ready say what is wrong with it."));
    }
}
