package io.homebudget.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A load written as a Hyperfoil benchmark (YAML), one phase per sort of request, all phases at the same time.
 *
 * <p>Closed ({@link #closed}): a fixed number of clients, each sending its next request when the last was answered; tells
 * how much a service can do. Open ({@link #open}): requests start at a fixed rate whatever the service does; tells how long
 * clients wait, because a slow answer does not keep the next request from being sent.
 */
public final class Scenario {
    /** How long one request may take, and how long an open load may go unanswered, before it counts as failed. */
    private static final int TIMEOUT_SECONDS = 10;

    private final int port;
    private final int connections;
    private final int seconds;
    private final List<String> bodies;
    private final StringBuilder phases = new StringBuilder();

    private Scenario(int port, int connections, int seconds, List<String> bodies) {
        this.port = port;
        this.connections = connections;
        this.seconds = seconds;
        this.bodies = new ArrayList<>(bodies);
    }

    /** Creates as fast as {@code clients} connections get their answers. */
    public static Scenario closed(int port, int clients, int seconds, List<String> bodies) {
        Scenario scenario = new Scenario(port, clients, seconds, bodies);
        scenario.phase("create", "always", "users: " + clients, scenario.create());
        return scenario;
    }

    /**
     * Requests at fixed rates; add them with {@link #creates}, {@link #reads}.
     *
     * @param connections enough for everything that piles up in the longest stall expected, else requests wait unseen
     */
    public static Scenario open(int port, int connections, int seconds, List<String> bodies) {
        return new Scenario(port, connections, seconds, bodies);
    }

    public Scenario creates(int perSecond) {
        phase("create", "constantRate", rate(perSecond), create());
        return this;
    }

    /** Reads of single entries with ids 1 to {@code entries}. */
    public Scenario reads(int perSecond, long entries) {
        phase(
                "read",
                "constantRate",
                rate(perSecond),
                randomId(entries) + request("GET", "/api/v1/expense/${id}", null));
        return this;
    }

    /** Reads of a page of 50 entries. */
    public Scenario pages(int perSecond) {
        phase("page", "constantRate", rate(perSecond), request("GET", "/api/v1/expense?limit=50", null));
        return this;
    }

    /** Changes the amount of one of the entries 1 to {@code entries}. */
    public Scenario patches(int perSecond, long entries) {
        String amount = "        - randomInt: cents <- 1 .. 99999\n";
        String body = "            body:\n              pattern: '{\"field\":\"amount\",\"value\":${cents}}'\n";
        phase(
                "patch",
                "constantRate",
                rate(perSecond),
                amount + randomId(entries) + request("PATCH", "/api/v1/expense/${id}", body));
        return this;
    }

    public int seconds() {
        return seconds;
    }

    /** The whole benchmark, for Hyperfoil's parser. */
    public String yaml() {
        return String.format(
                Locale.ROOT,
                "name: bench%nthreads: 1%nhttp:%n  host: http://127.0.0.1:%d%n"
                        + "  sharedConnections: %d%n  requestTimeout: %ds%nphases:%n%s",
                port,
                connections,
                TIMEOUT_SECONDS,
                phases);
    }

    private String rate(int perSecond) {
        return "usersPerSec: " + perSecond + "\n    variance: false\n    maxSessions: " + connections;
    }

    private void phase(String name, String model, String load, String steps) {
        phases.append("- ").append(name).append(":\n    ").append(model).append(":\n");
        phases.append(("    " + load).indent(2));
        phases.append("      duration: ").append(seconds).append("s\n");
        phases.append("      maxDuration: ").append(seconds + TIMEOUT_SECONDS).append("s\n");
        phases.append("      scenario:\n      - ").append(name).append(":\n").append(steps);
    }

    private String create() {
        StringBuilder steps = new StringBuilder("        - randomItem:\n            toVar: body\n            list:\n");
        for (String body : bodies) {
            steps.append("            - '").append(body.replace("'", "''")).append("'\n");
        }
        return steps + request("POST", "/api/v1/expense", "            body:\n              fromVar: body\n");
    }

    private static String randomId(long entries) {
        return "        - randomInt: id <- 1 .. " + entries + "\n";
    }

    private static String request(String method, String path, String body) {
        return "        - httpRequest:\n            " + method + ": " + path + "\n            sync: true\n"
                + (body == null ? "" : "            headers:\n              content-type: application/json\n" + body);
    }
}
