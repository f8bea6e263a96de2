package io.homebudget.local.cli;

import io.homebudget.local.control.ControlClient;
import io.homebudget.local.home.Home;
import io.homebudget.local.home.Refused;
import io.homebudget.local.http.Answer;
import io.homebudget.local.supervision.Orphans;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Starting and stopping processes; the running {@code up} does it, so that it does not start again what was stopped. */
final class ProcessCommands {
    private ProcessCommands() {}

    private static ControlClient running(Home home) throws InterruptedException {
        return ControlClient.of(home)
                .orElseThrow(() -> new Refused("No up runs on " + home.folder()
                        + ". Start it with deploy/local/up --home " + home.folder() + "."));
    }

    @Command(
            name = "down",
            mixinStandardHelpOptions = true,
            description = "Stops everything in order; also what a killed up has left running.")
    static final class Down implements Callable<Integer> {
        private static final int LIMIT_SECONDS = 180;

        @ParentCommand
        private Ctl ctl;

        @Override
        public Integer call() throws IOException, InterruptedException {
            Home home = ctl.home();
            var control = ControlClient.of(home);
            if (control.isEmpty()) {
                int stopped = new Orphans(home).stop();
                System.out.println(
                        stopped == 0
                                ? "nothing runs on " + home.folder()
                                : "stopped " + stopped + " processes that a killed up had left");
                return 0;
            }
            control.get().down();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
            while (Files.exists(home.run().resolve("control"))
                    || !new Orphans(home).find().isEmpty()) {
                if (System.nanoTime() > end) {
                    System.err.println(
                            "ctl: not everything has stopped within " + LIMIT_SECONDS + " s; see " + home.logs());
                    return 1;
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
            System.out.println("stopped");
            return 0;
        }
    }

    @Command(
            name = "start",
            mixinStandardHelpOptions = true,
            description =
                    "Starts one process that was stopped, given up, or left out by --without; waits until it is ready.")
    static final class Start implements Callable<Integer> {
        @ParentCommand
        private Ctl ctl;

        @Parameters(
                paramLabel = "NAME",
                description = "postgres, kafka, expense, income, migration, backup or front-door")
        private String name;

        @Override
        public Integer call() throws IOException, InterruptedException {
            ControlClient up = running(ctl.home());
            try {
                return said(name, up.start(name));
            } catch (IOException ended) {
                throw new Refused("up ended while " + name + " was starting. What it said last tells why, and "
                        + ctl.home().log(name) + ".");
            }
        }
    }

    @Command(
            name = "stop",
            mixinStandardHelpOptions = true,
            description = "Stops one process; it stays stopped until ctl start.")
    static final class Stop implements Callable<Integer> {
        @ParentCommand
        private Ctl ctl;

        @Parameters(
                paramLabel = "NAME",
                description = "postgres, kafka, expense, income, migration, backup or front-door")
        private String name;

        @Override
        public Integer call() throws IOException, InterruptedException {
            return said(name, running(ctl.home()).stop(name));
        }
    }

    private static int said(String name, Answer answer) {
        String detail = answer.json().path("detail").asText(answer.reason());
        if (!answer.ok()) {
            System.err.println("ctl: " + name + ": " + detail);
            return 1;
        }
        System.out.println(name + " is " + detail);
        return 0;
    }
}
