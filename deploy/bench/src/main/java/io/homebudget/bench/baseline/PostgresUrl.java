package io.homebudget.bench.baseline;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** A {@code postgresql://user:password@host:port/database} address, as {@code HOME/credentials/postgres.url} holds it. */
public record PostgresUrl(String user, String password, String host, int port, String database) {

    public static PostgresUrl parse(String text) {
        URI uri = URI.create(text.strip());
        if (uri.getHost() == null
                || uri.getUserInfo() == null
                || !uri.getScheme().startsWith("postgres")) {
            throw new IllegalArgumentException("not of the form postgresql://user:password@host:port/database");
        }
        String[] login = uri.getRawUserInfo().split(":", 2);
        return new PostgresUrl(
                decode(login[0]),
                login.length == 2 ? decode(login[1]) : "",
                uri.getHost(),
                uri.getPort() == -1 ? 5432 : uri.getPort(),
                uri.getPath().substring(1));
    }

    public String reactive() {
        return "postgresql://" + host + ":" + port + "/" + database;
    }

    public Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://" + host + ":" + port + "/" + database, user, password);
    }

    /** Without the password, which must not end in a log. */
    @Override
    public String toString() {
        return reactive();
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
