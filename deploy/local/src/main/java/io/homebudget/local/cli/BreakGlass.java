package io.homebudget.local.cli;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.local.breakglass.PostgresExport;
import io.homebudget.local.breakglass.StorageTool;
import io.homebudget.local.home.Credentials;
import io.homebudget.local.home.Home;
import io.homebudget.local.home.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** What works on the files and the database themselves, with every service away. */
final class BreakGlass {
    private BreakGlass() {}

    @Command(
            name = "journal",
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "inspect",
            description = "Looks into the journal of the JSON store, read-only, without the services.")
    static final class Journal implements Runnable {
        @ParentCommand
        private Ctl ctl;

        @Spec
        private CommandSpec spec;

        @Override
        public void run() {
            throw new ParameterException(spec.commandLine(), "Say what to do: inspect.");
        }

        @Command(
                name = "inspect",
                mixinStandardHelpOptions = true,
                description = "Prints what the journal holds and where it is damaged.")
        int inspect(
                @Option(names = "--kind", required = true, paramLabel = "K", description = "expense or income")
                        String kind,
                @Option(names = "--content", description = "show the records' content too; it is personal")
                        boolean content)
                throws IOException {
            Kind one = PhaseCommands.Kinds.named(kind, false).get(0);
            String folder = ctl.home().data(one).toString();
            return content
                    ? StorageTool.run(Roots.repository(), "InspectJournal", folder, "--content")
                    : StorageTool.run(Roots.repository(), "InspectJournal", folder);
        }
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = {
                "Writes a kind's entries as the array that Home Budget's old backend reads, without the services.",
                "From PostgreSQL when the kind's phase is DATABASE_READS or DATABASE_ONLY, else from the JSON store."
            })
    static final class Export implements Callable<Integer> {
        enum From {
            postgres,
            json
        }

        @ParentCommand
        private Ctl ctl;

        @Option(names = "--kind", required = true, paramLabel = "K", description = "expense or income")
        private String kind;

        @Option(names = "--from", required = true, paramLabel = "STORE", description = "postgres or json")
        private From from;

        @Option(
                names = "--out",
                required = true,
                paramLabel = "FILE",
                description = "the file to write; must not exist")
        private Path out;

        @Override
        public Integer call() throws IOException {
            Home home = ctl.home();
            Kind one = PhaseCommands.Kinds.named(kind, false).get(0);
            if (Files.exists(out)) {
                throw new Refused(out + " exists. Name a file that does not, so that nothing is overwritten.");
            }
            if (from == From.postgres) {
                try {
                    long entries = PostgresExport.write(new Credentials(home).postgresUrl(), one, out);
                    System.out.println(entries + " " + one.plural() + " from PostgreSQL -> " + out);
                    return 0;
                } catch (SQLException e) {
                    throw new Refused(
                            "PostgreSQL does not give them: " + e.getMessage() + ". Start it with ctl start postgres.");
                }
            }
            return exportJson(home, one);
        }

        private int exportJson(Home home, Kind one) throws IOException {
            int status = StorageTool.run(
                    Roots.repository(),
                    "ExportFiles",
                    one.word(),
                    home.data(one).toString(),
                    out.toString());
            if (status == 0) {
                System.out.println(one.plural() + " from the JSON store -> " + out);
            }
            return status;
        }
    }
}
