package io.homebudget.local.move;

import java.io.PrintStream;

/** Live progress: one line drawn over and over on a terminal, else a plain line now and then. Not for several threads. */
public final class ProgressLine {
    private static final long PLAIN_EVERY_NANOS = 5_000_000_000L;
    private static final int WIDTH = 24;
    private final PrintStream out;
    private final boolean terminal;
    private long lastPlain = Long.MIN_VALUE;
    private String lastText = "";

    public ProgressLine(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Whether a person watches; the scripts tell, because a JVM cannot in all versions. */
    public static boolean onTerminal() {
        return Boolean.getBoolean("homebudget.terminal");
    }

    /** @param percent 0 to 100; negative where it is not known */
    public void update(String label, double percent, String text) {
        if (terminal) {
            out.print("\r\033[K" + label + " " + (percent < 0 ? "" : bar(percent) + " ") + text);
            out.flush();
            return;
        }
        long now = System.nanoTime();
        if (lastPlain == Long.MIN_VALUE || now - lastPlain >= PLAIN_EVERY_NANOS) {
            String line = label + " " + (percent < 0 ? "" : Math.round(percent) + " % ") + text;
            if (!line.equals(lastText)) {
                out.println(line.strip());
                lastText = line;
            }
            lastPlain = now;
        }
    }

    /** Ends the line with what came of it. */
    public void done(String text) {
        out.println(terminal ? "\r\033[K" + text : text);
        lastPlain = Long.MIN_VALUE;
        lastText = "";
    }

    static String bar(double percent) {
        int full = (int) Math.round(Math.max(0, Math.min(100, percent)) / 100 * WIDTH);
        return "[" + "#".repeat(full) + ".".repeat(WIDTH - full) + "] " + Math.round(Math.min(100, percent)) + " %";
    }
}
