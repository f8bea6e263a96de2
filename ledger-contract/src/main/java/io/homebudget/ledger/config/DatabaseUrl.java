package io.homebudget.ledger.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * {@code postgresql://user:password@host:port/database?parameters}, the one setting that says where PostgreSQL is.
 *
 * <p>User and password may be percent-encoded. {@link #toString} and messages never show the password.
 *
 * @param host an IPv6 address stands in brackets
 * @param parameters what followed the question mark, as it was; empty where nothing did
 */
public record DatabaseUrl(String user, String password, String host, int port, String database, String parameters) {
    private static final int DEFAULT_PORT = 5432;
    private static final String FORM = "DATABASE_URL must read postgresql://user:password@host:port/database"
            + " (special characters in user and password percent-encoded)";

    public DatabaseUrl {
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(password, "password");
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(database, "database");
        Objects.requireNonNull(parameters, "parameters");
    }

    /** @throws IllegalArgumentException saying what is wrong without repeating the text */
    public static DatabaseUrl parse(String text) {
        URI uri;
        try {
            uri = new URI(text.strip());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(FORM + "; it is no URL, at character " + e.getIndex());
        }
        if (!"postgresql".equals(uri.getScheme()) && !"postgres".equals(uri.getScheme())) {
            throw new IllegalArgumentException(FORM + "; the scheme is another one");
        }
        if (uri.getHost() == null) {
            throw new IllegalArgumentException(FORM + "; it has no host, or a host or port that cannot be read");
        }
        String database = uri.getPath() == null ? "" : uri.getPath().replaceFirst("^/", "");
        if (database.isEmpty() || database.contains("/")) {
            throw new IllegalArgumentException(FORM + "; it has no database, or a path instead of one");
        }
        String userInfo = uri.getRawUserInfo();
        if (userInfo == null || userInfo.isEmpty()) {
            throw new IllegalArgumentException(FORM + "; it has no user");
        }
        int colon = userInfo.indexOf(':');
        return new DatabaseUrl(
                decode(colon < 0 ? userInfo : userInfo.substring(0, colon)),
                colon < 0 ? "" : decode(userInfo.substring(colon + 1)),
                uri.getHost(),
                uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
                database,
                uri.getRawQuery() == null ? "" : uri.getRawQuery());
    }

    private static String decode(String encoded) {
        // URLDecoder is for forms, where a plus sign is a blank; in a URL it is itself.
        return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** For the reactive client; carries no credentials. */
    public String reactiveUrl() {
        return "postgresql://" + place();
    }

    /** For pgjdbc; carries no credentials. */
    public String jdbcUrl() {
        return "jdbc:postgresql://" + place();
    }

    private String place() {
        return host + ":" + port + "/" + database + (parameters.isEmpty() ? "" : "?" + parameters);
    }

    /** As it may be shown: the password is masked, parameters, which may hold another one, are left out. */
    @Override
    public String toString() {
        return "postgresql://" + user + ":***@" + host + ":" + port + "/" + database;
    }
}
