package io.homebudget.local.cli;

import io.homebudget.local.home.Credentials;
import io.homebudget.local.home.Home;
import io.homebudget.local.home.Ports;
import io.homebudget.local.home.Refused;
import io.homebudget.local.http.JsonHttp;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code deploy/local/ctl}: what one does to a running system, and what must work when parts of it are gone. */
@Command(
        name = "ctl",
        mixinStandardHelpOptions = true,
        description = "Talks to a system started with deploy/local/up.",
        subcommands = {
            StatusCommand.class,
            ProcessCommands.Down.class,
            ProcessCommands.Start.class,
            ProcessCommands.Stop.class,
            PhaseCommands.Run.class,
            PhaseCommands.Rollback.class,
            ImportCommand.class,
            SeedCommand.class,
            BackupCommand.class,
            BreakGlass.Journal.class,
            BreakGlass.Export.class,
            CommandLine.HelpCommand.class
        })
public final class Ctl implements Runnable {
    @Option(
            names = "--home",
            paramLabel = "DIR",
            scope = CommandLine.ScopeType.INHERIT,
            description = "the home of the system (default: .local in the repository)")
    private Path homeFolder;

    @Spec
    private CommandSpec spec;

    public static void main(String[] arguments) {
        CommandLine command = new CommandLine(new Ctl());
        command.setExecutionExceptionHandler(new PlainErrors("ctl"));
        System.exit(command.execute(arguments));
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "Say what to do.");
    }

    Home home() {
        return Home.existing(homeFolder == null ? Roots.repository().resolve(".local") : homeFolder);
    }

    Ports ports(Home home) {
        return home.lastPorts()
                .orElseThrow(
                        () -> new Refused("No up has run on " + home.folder() + " yet, so its ports are not known."));
    }

    /** @param token which credential: operator, viewer or service */
    JsonHttp http(String member, String token, Duration limit) {
        Home home = home();
        Credentials credentials = new Credentials(home);
        String secret =
                switch (token) {
                    case "operator" -> credentials.operator();
                    case "viewer" -> credentials.viewer();
                    default -> credentials.service();
                };
        return new JsonHttp(ports(home).url(member), secret, limit);
    }
}
