package io.homebudget.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.local.home.Refused;
import io.homebudget.local.http.Answer;
import io.homebudget.local.http.JsonHttp;
import io.homebudget.local.move.Jobs;
import io.homebudget.local.move.ProgressLine;
import io.homebudget.local.move.Stopped;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Takes a file of foreign entries into the running ledger. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description =
                "Takes entries of a file (JSON array, .ndjson or .csv) into the running ledger. Status 3: some were rejected.")
final class ImportCommand implements Callable<Integer> {
    @ParentCommand
    private Ctl ctl;

    @Parameters(paramLabel = "FILE", description = "a JSON array, NDJSON or CSV, told apart by its ending")
    private Path file;

    @Option(names = "--kind", required = true, paramLabel = "K", description = "expense or income")
    private String kind;

    @Option(
            names = "--rejects",
            paramLabel = "FILE",
            description = "where rejected records go with their reasons; to be mended and imported again"
                    + " (default: FILE.rejects.ndjson, FILE.rejects.csv for CSV)")
    private Path rejects;

    @Override
    public Integer call() throws Stopped, InterruptedException {
        Kind one = PhaseCommands.Kinds.named(kind, false).get(0);
        JsonHttp http = ctl.http("migration", "operator", Duration.ofMinutes(10));
        try {
            Answer answer = http.post(
                    "/api/v1/migration/imports?kind=" + one.word(),
                    contentType(),
                    HttpRequest.BodyPublishers.ofFile(file));
            if (answer.status() == 404 || answer.status() == 501) {
                throw new Refused("This migration-service does not offer imports yet (" + answer.reason() + ").");
            }
            if (!answer.ok()) {
                throw new Refused("The import was refused: " + answer.reason());
            }
            JsonNode result = answer.json();
            String id = result.path("id").asText();
            if (answer.status() == 202) {
                ProgressLine progress = new ProgressLine(System.out, ProgressLine.onTerminal());
                result = new Jobs(http, progress).follow("importing", "/api/v1/migration/imports/" + id);
            }
            if ("failed".equals(result.path("state").asText())) {
                throw new Stopped("The import failed: " + result.path("error").asText(""));
            }
            long rejected = result.path("rejected").asLong();
            long renumbered = result.path("renumbered").asLong();
            System.out.println(result.path("accepted").asLong() + " accepted, " + rejected + " rejected"
                    + (renumbered == 0
                            ? ""
                            : "; " + renumbered + " got a new id: GET /api/v1/migration/imports/" + id
                                    + "/renumbered"));
            boolean cancelled = "cancelled".equals(result.path("state").asText());
            if (cancelled) {
                // before the rejects, which may not be had
                System.err.println("ctl: The import was cancelled after "
                        + result.path("done").asLong() + " of "
                        + result.path("total").asLong() + " records; what was accepted stays.");
            }
            int status = rejected == 0 ? 0 : keepRejects(http, id);
            return cancelled ? CommandLine.ExitCode.SOFTWARE : status;
        } catch (FileAlreadyExistsException e) {
            throw new Refused(
                    "The rejects are not written: " + e.getFile() + " is there already. Name another: --rejects.");
        } catch (FileNotFoundException e) {
            throw new Refused("The file " + file + " is not there or cannot be read.");
        } catch (IOException e) {
            throw new Refused("migration-service does not answer. See ctl status.");
        }
    }

    private int keepRejects(JsonHttp http, String id) throws IOException, InterruptedException {
        boolean table = contentType().equals("text/csv");
        Path to = rejects != null
                ? rejects
                : file.resolveSibling(file.getFileName() + (table ? ".rejects.csv" : ".rejects.ndjson"));
        int status =
                http.download("/api/v1/migration/imports/" + id + "/rejects?format=" + (table ? "csv" : "ndjson"), to);
        if (status != 200) {
            throw new Refused("The rejects cannot be fetched (status " + status + ").");
        }
        System.out.println(
                "rejected records and why: " + to + ". Mend them there, then: ctl import " + to + " --kind " + kind);
        return 3;
    }

    private String contentType() {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".csv")) {
            return "text/csv";
        }
        return name.endsWith(".ndjson") || name.endsWith(".jsonl") ? "application/x-ndjson" : "application/json";
    }
}
