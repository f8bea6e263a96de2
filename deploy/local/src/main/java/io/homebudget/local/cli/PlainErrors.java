package io.homebudget.local.cli;

import io.homebudget.local.home.Refused;
import io.homebudget.local.move.Stopped;
import picocli.CommandLine;

/** Errors a person can act on are one line; only what nobody foresaw has a stack trace. */
record PlainErrors(String command) implements CommandLine.IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(
            Exception exception, CommandLine commandLine, CommandLine.ParseResult parseResult) {
        if (exception instanceof Refused refused) {
            System.err.println(command + ": " + refused.getMessage());
            return refused.status();
        }
        if (exception instanceof Stopped) {
            System.err.println(command + ": " + exception.getMessage());
            return 1;
        }
        System.err.println(command + ": unexpected: " + exception);
        exception.printStackTrace();
        return 1;
    }
}
