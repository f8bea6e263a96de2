package io.homebudget.local.postgres;

import io.homebudget.local.home.Refused;
import java.io.IOException;
import java.util.List;

/**
 * PostgreSQL refuses to run as root. In a user namespace of its own the same process is nobody in particular and still owns
 * its files; {@code unshare} replaces itself by the program, so the pid is the postmaster's own.
 */
final class Unprivileged {
    private Unprivileged() {}

    static List<String> prefix() throws IOException, InterruptedException {
        if (!"0".equals(output("id", "-u"))) {
            return List.of();
        }
        String inside = output("unshare", "-U", "id", "-u");
        if (inside.isEmpty() || inside.equals("0")) {
            throw new Refused(
                    "PostgreSQL does not run as root, and this machine does not let root make a user namespace"
                            + " (unshare -U). Run up as another user; the JSON phases also run without it: --without postgres.");
        }
        return List.of("unshare", "-U");
    }

    private static String output(String... command) throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String out = new String(process.getInputStream().readAllBytes()).strip();
            return process.waitFor() == 0 ? out : "";
        } catch (IOException e) {
            return "";
        }
    }
}
