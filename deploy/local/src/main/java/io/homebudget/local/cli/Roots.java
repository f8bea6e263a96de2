package io.homebudget.local.cli;

import io.homebudget.local.home.Refused;
import java.nio.file.Path;

/** The repository, as the scripts tell it. */
final class Roots {
    private Roots() {}

    static Path repository() {
        String root = System.getProperty("homebudget.root");
        if (root == null) {
            throw new Refused(
                    "Start this through deploy/local/up or deploy/local/ctl; they say where the repository is.");
        }
        return Path.of(root);
    }
}
