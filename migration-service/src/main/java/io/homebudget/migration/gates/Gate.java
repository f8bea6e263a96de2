package io.homebudget.migration.gates;

/** One condition of a step between phases. Pure: it looks at a {@link Situation} and at nothing else. */
interface Gate {

    /** Stable: dashboards and scripts rely on it. */
    String name();

    Check check(Situation situation);

    default Check open(String reason) {
        return Check.open(name(), reason);
    }

    default Check closed(String reason, String advice) {
        return Check.closed(name(), reason, advice);
    }

    /** Closed, but it may open by itself within moments. */
    default Check waiting(String reason, String advice) {
        return Check.waiting(name(), reason, advice);
    }
}
