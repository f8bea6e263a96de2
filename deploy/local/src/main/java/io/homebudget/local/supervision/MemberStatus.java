package io.homebudget.local.supervision;

/**
 * One line of {@code ctl status}.
 *
 * @param state {@code stopped}, {@code starting}, {@code ready}, {@code recovery} or {@code given-up}
 * @param pid 0 while no process runs
 * @param restarts how often it was started again since {@code up} began
 * @param detail the last reason; empty when ready
 */
public record MemberStatus(String name, String state, long pid, int restarts, String detail) {}
