package io.homebudget.local.supervision;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** One process of the stack: how it is started, asked, and stopped. Called by one thread at a time. */
public interface Member {
    String name();

    /** What must be done before each start: unpack, format, remove what a killed predecessor left. May take seconds. */
    default void prepare() throws IOException, InterruptedException {}

    List<String> command() throws IOException;

    /** Added to the caller's own environment, which passes through. */
    Map<String, String> environment();

    Probe probe();

    /** The signal that asks it to stop; PostgreSQL wants INT, or it waits for its clients. */
    default String stopSignal() {
        return "TERM";
    }

    /** How long it may take to stop before it is killed. */
    default Duration stopLimit() {
        return Duration.ofSeconds(30);
    }
}
