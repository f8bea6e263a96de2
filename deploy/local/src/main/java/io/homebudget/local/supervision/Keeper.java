package io.homebudget.local.supervision;

import io.homebudget.local.home.Home;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Keeps one member running while it is wanted: starts it, waits until it is ready, starts it again when it dies. */
final class Keeper {
    enum State {
        STOPPED,
        STARTING,
        READY,
        RECOVERY,
        GIVEN_UP
    }

    private static final Duration ASK_EVERY = Duration.ofMillis(150);
    private static final Duration PAUSE_BEFORE_RESTART = Duration.ofMillis(300);
    private static final long LOG_KEPT_BYTES = 20L << 20;
    private static final List<String> OWN_GROUP = ownGroup();

    private final Member member;
    private final Home home;
    private final Announcer announcer;
    private final Clock clock;
    private final Runnable changed;
    private Thread thread;
    private volatile boolean wanted;
    private volatile Process process;
    private volatile State state = State.STOPPED;
    private volatile String detail = "";
    private volatile Probe.Recovery recovery;
    private volatile int restarts;

    /** @param changed called after each change of state */
    Keeper(Member member, Home home, Announcer announcer, Clock clock, Runnable changed) {
        this.member = member;
        this.home = home;
        this.announcer = announcer;
        this.clock = clock;
        this.changed = changed;
    }

    synchronized void start() {
        if (wanted && thread != null && thread.isAlive()) {
            return;
        }
        wanted = true;
        become(State.STARTING, "");
        thread = new Thread(this::keep, "keeper-" + member.name());
        thread.setDaemon(true);
        thread.start();
    }

    /** Returns once the process has ended. */
    synchronized void stop() throws InterruptedException {
        wanted = false;
        Thread keeping = thread;
        if (keeping == null) {
            return;
        }
        while (keeping.isAlive()) {
            Process running = process;
            if (running != null && running.isAlive()) {
                boolean bySelf = Signals.stop(running.toHandle(), member.stopSignal(), member.stopLimit());
                if (!bySelf) {
                    announcer.say(member.name() + " did not stop within "
                            + member.stopLimit().toSeconds() + " s and was killed");
                }
            }
            keeping.join(100);
        }
        thread = null;
        become(State.STOPPED, "");
    }

    Member member() {
        return member;
    }

    MemberStatus status() {
        Process running = process;
        boolean alive = running != null && running.isAlive();
        return new MemberStatus(
                member.name(),
                state.name().toLowerCase().replace('_', '-'),
                alive ? running.pid() : 0,
                restarts,
                detail);
    }

    State state() {
        return state;
    }

    Probe.Recovery recovery() {
        return recovery;
    }

    private void keep() {
        Deaths deaths = new Deaths();
        try {
            while (wanted) {
                String ended = once();
                Files.deleteIfExists(home.pid(member.name()));
                if (!wanted) {
                    return;
                }
                if (deaths.another(clock.instant())) {
                    giveUp(ended);
                    announcer.say(member.name() + " " + ended + ": its third end within "
                            + Deaths.WINDOW.toSeconds() + " s, given up. See " + home.log(member.name())
                            + "; then: deploy/local/ctl --home " + home.folder() + " start " + member.name());
                    return;
                }
                restarts++;
                become(State.STARTING, ended);
                announcer.say(member.name() + " " + ended + "; starting it again");
                TimeUnit.MILLISECONDS.sleep(PAUSE_BEFORE_RESTART.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            giveUp(e.getMessage());
            announcer.say(member.name() + " cannot be kept: " + e.getMessage());
        }
    }

    /** A process that nobody could find again must not live. */
    private void writeDown(Process spawned) throws IOException {
        try {
            Files.writeString(home.pid(member.name()), spawned.pid() + "\n");
        } catch (IOException e) {
            spawned.destroyForcibly();
            throw e;
        }
    }

    /** One life of the process. @return how it ended, in words */
    private String once() throws InterruptedException {
        try {
            openLog();
            member.prepare();
            if (!wanted) {
                return "not wanted";
            }
            process = spawn();
            writeDown(process);
        } catch (IOException | RuntimeException e) {
            return "could not be started (" + e.getMessage() + ")";
        }
        while (!process.waitFor(ASK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
            Probe probe = member.probe();
            if (probe instanceof Probe.Ready) {
                become(State.READY, "");
                break;
            } else if (probe instanceof Probe.Recovery found) {
                recovery = found;
                become(State.RECOVERY, found.advice());
                break;
            } else if (probe instanceof Probe.NotYet notYet) {
                detail = notYet.detail();
            }
        }
        int status = process.waitFor();
        return status > 128 ? "was ended by signal " + (status - 128) : "ended with status " + status;
    }

    private Process spawn() throws IOException {
        List<String> command = new ArrayList<>(OWN_GROUP);
        command.addAll(member.command());
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(home.folder().toFile())
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(home.log(member.name()).toFile()));
        builder.environment().putAll(member.environment());
        return builder.start();
    }

    private void openLog() throws IOException {
        Path log = home.log(member.name());
        if (Files.exists(log) && Files.size(log) > LOG_KEPT_BYTES) {
            Files.move(log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        }
        if (!Files.exists(log)) {
            Files.createFile(log, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
    }

    /** From the moment in which this is known somebody may start the member anew, though this thread has not ended yet. */
    private void giveUp(String why) {
        wanted = false;
        become(State.GIVEN_UP, why);
    }

    private void become(State next, String why) {
        state = next;
        detail = why;
        changed.run();
    }

    /** Ctrl-C reaches every process of the terminal's group; in a group of their own the members are stopped in order instead. */
    private static List<String> ownGroup() {
        if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
            return List.of("/usr/bin/setsid");
        }
        if (Files.isExecutable(Path.of("/usr/bin/perl"))) {
            return List.of("/usr/bin/perl", "-e", "setpgrp(0,0); exec { $ARGV[0] } @ARGV");
        }
        return List.of();
    }
}
