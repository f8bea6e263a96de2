package io.homebudget.local.stack;

import io.homebudget.local.home.Home;
import io.homebudget.local.supervision.Member;
import io.homebudget.local.supervision.Orphans;
import io.homebudget.local.supervision.Probe;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A member that is a JVM of its own.
 *
 * @param heap the JVM's memory and collector settings
 * @param standsBack whether it gets less of the processors where others want them too
 * @param launch what follows: {@code -jar file} or {@code -cp path Main arguments}
 */
record JavaMember(
        String name,
        Home home,
        List<String> heap,
        boolean standsBack,
        List<String> launch,
        Map<String, String> environment,
        Supplier<Probe> asking,
        Duration stopLimit)
        implements Member {
    /** About a third of the share of a member that does not stand back. */
    private static final String NICENESS = "5";

    /**
     * Becomes the command that follows, at {@link #NICENESS}. Every member has a session of its own, and Linux shares the processors
     * out among sessions first (autogroups, sched(7)): there a process that is nice is nice to nobody but itself, so the session has
     * to be, where it is the member's own. Who is not root may say so ten times a second on the whole machine, hence more than once.
     */
    private static final String STAND_BACK = "read -r a b c d e session f 2>/dev/null </proc/$$/stat;"
            + " for i in 1 2 3 4 5; do"
            + " [ \"$session\" = $$ ] && [ -w /proc/self/autogroup ] || break;"
            + " { echo " + NICENESS + " >/proc/self/autogroup; } 2>/dev/null && break;"
            + " sleep 0.2;"
            + " done;"
            + " exec nice -n " + NICENESS + " \"$@\"";

    @Override
    public List<String> command() {
        List<String> command = new ArrayList<>();
        if (standsBack) {
            // becomes the JVM, so the process is the same one
            command.addAll(List.of("/bin/sh", "-c", STAND_BACK, "stand-back"));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // what a later up on this home finds its orphans by
        command.add(Orphans.marker(home));
        command.add("-Dhomebudget.member=" + name);
        command.addAll(heap);
        // a JVM without memory answers slowly and wrongly for minutes; a dead one is started again
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.addAll(override() == null ? launch : List.of(override().trim().split(";")));
        return command;
    }

    @Override
    public Probe probe() {
        return asking.get();
    }

    /** Tests put stand-ins here, arguments parted by semicolons; a person could try another build of one service. */
    private String override() {
        return System.getProperty("homebudget.command." + name);
    }
}
