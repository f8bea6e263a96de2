package io.homebudget.local.supervision;

/** Says one line to the person who started this. Lines of several threads never mix. */
@FunctionalInterface
public interface Announcer {
    void say(String line);
}
