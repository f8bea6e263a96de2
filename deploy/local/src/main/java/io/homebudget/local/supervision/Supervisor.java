package io.homebudget.local.supervision;

import io.homebudget.local.home.Home;
import io.homebudget.local.home.Refused;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Watches all members. Starting is in the order given, one not waiting for the other; stopping is in stages, last started first. */
public final class Supervisor {
    private final Map<String, Keeper> keepers = new LinkedHashMap<>();
    private final Object changes = new Object();
    private final Clock clock;

    public Supervisor(Collection<Member> members, Home home, Announcer announcer, Clock clock) {
        this.clock = clock;
        for (Member member : members) {
            keepers.put(member.name(), new Keeper(member, home, announcer, clock, this::changed));
        }
    }

    public void start(String name) {
        keeper(name).start();
    }

    public void stop(String name) throws InterruptedException {
        keeper(name).stop();
    }

    /** Stops the members of one stage side by side, then the next stage. */
    public void stopInOrder(List<List<String>> stages) throws InterruptedException {
        for (List<String> stage : stages) {
            List<Thread> stopping = new ArrayList<>();
            for (String name : stage) {
                Keeper keeper = keeper(name);
                Thread thread = new Thread(() -> {
                    try {
                        keeper.stop();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
                thread.start();
                stopping.add(thread);
            }
            for (Thread thread : stopping) {
                thread.join();
            }
        }
    }

    public List<MemberStatus> status() {
        return keepers.values().stream().map(Keeper::status).toList();
    }

    public boolean isReady(String name) {
        return keeper(name).state() == Keeper.State.READY;
    }

    public boolean isGivenUp(String name) {
        return keeper(name).state() == Keeper.State.GIVEN_UP;
    }

    /** The first member that refuses to serve a damaged store. */
    public Optional<String> inRecovery() {
        return keepers.values().stream()
                .filter(keeper -> keeper.state() == Keeper.State.RECOVERY)
                .map(keeper -> keeper.member().name())
                .findFirst();
    }

    public Probe.Recovery recoveryOf(String name) {
        return keeper(name).recovery();
    }

    /** Waits for the next change of any member's state, or for the limit. */
    public void awaitChange(Duration limit) throws InterruptedException {
        synchronized (changes) {
            changes.wait(Math.max(1, limit.toMillis()));
        }
    }

    /** @return whether it became ready within the limit */
    public boolean awaitReady(String name, Duration limit) throws InterruptedException {
        Instant end = clock.instant().plus(limit);
        while (!isReady(name)) {
            if (isGivenUp(name) || !clock.instant().isBefore(end)) {
                return false;
            }
            awaitChange(Duration.ofMillis(200));
        }
        return true;
    }

    private Keeper keeper(String name) {
        Keeper keeper = keepers.get(name);
        if (keeper == null) {
            throw new Refused("There is no " + name + " here. Known: " + String.join(", ", keepers.keySet()) + ".");
        }
        return keeper;
    }

    private void changed() {
        synchronized (changes) {
            changes.notifyAll();
        }
    }
}
