package io.homebudget.local.frontdoor;

import java.util.Optional;

/** Which service answers which path. Pure: the whole table is here and nowhere else. */
public final class Routes {
    private static final String DATABASE_RESTORE = "/api/database/restore/";

    private Routes() {}

    /**
     * @param service the one that answers
     * @param path the path there
     */
    public record Route(String service, String path) {}

    /** @param path without the query */
    public static Optional<Route> find(String method, String path) {
        if (within(path, "/api/v1/expense") || path.equals("/api/v1/health") || path.equals("/api/v1/config/show")) {
            return to("expense", path);
        }
        if (within(path, "/api/v1/income")) {
            return to("income", path);
        }
        if (within(path, "/api/v1/backups") || within(path, "/api/v1/backup-jobs")) {
            return to("backup", path);
        }
        boolean post = method.equals("POST");
        if (post && (path.equals("/api/database/backup") || path.startsWith(DATABASE_RESTORE))) {
            return to("backup", path);
        }
        if (within(path, "/api/v1/migration")
                || within(path, "/api/database")
                || within(path, "/console")
                || within(path, "/live")) {
            return to("migration", path);
        }
        for (String service : new String[] {"expense", "income", "migration", "backup"}) {
            if (path.equals("/metrics/" + service)) {
                return to(service, "/q/metrics");
            }
            if (path.equals("/docs/" + service + "/openapi")) {
                return to(service, "/q/openapi");
            }
        }
        return Optional.empty();
    }

    private static boolean within(String path, String root) {
        return path.startsWith(root) && (path.length() == root.length() || path.charAt(root.length()) == '/');
    }

    private static Optional<Route> to(String service, String path) {
        return Optional.of(new Route(service, path));
    }
}
