package io.homebudget.local.breakglass;

import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.json.EntryWriter;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.Properties;

/** The table as the old backend's array file, byte for byte, from one snapshot and in pieces: memory does not grow with it. */
public final class PostgresExport {
    private PostgresExport() {}

    /** @return how many entries were written */
    public static long write(String url, Kind kind, Path out) throws SQLException, IOException {
        Path beside = out.resolveSibling(out.getFileName() + ".part");
        long written = 0;
        try (Connection connection = connect(url);
                Writer writer = Files.newBufferedWriter(
                        beside,
                        StandardCharsets.US_ASCII,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING)) {
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            try (Statement statement = connection.createStatement()) {
                statement.setFetchSize(2_000);
                String business = kind == Kind.EXPENSE ? "business" : "null as business";
                try (ResultSet row = statement.executeQuery("select id, date, " + business
                        + ", category, amount, account, currency, notes from " + kind.plural() + " order by id")) {
                    StringBuilder text = new StringBuilder();
                    while (row.next()) {
                        text.setLength(0);
                        text.append(written == 0 ? "[\n  " : ",\n  ");
                        EntryWriter.indented(kind, entry(row), text);
                        writer.append(text);
                        written++;
                    }
                }
            }
            writer.append(written == 0 ? "[]" : "\n]");
        }
        Files.move(beside, out);
        return written;
    }

    private static Entry entry(ResultSet row) throws SQLException {
        return new Entry(
                row.getLong("id"),
                row.getObject("date", LocalDate.class),
                row.getString("business"),
                row.getString("category"),
                row.getBigDecimal("amount").movePointRight(2).longValueExact(),
                row.getString("account"),
                row.getString("currency"),
                row.getString("notes"));
    }

    private static Connection connect(String url) throws SQLException {
        URI uri = URI.create(url);
        String[] user = uri.getUserInfo().split(":", 2);
        Properties properties = new Properties();
        properties.setProperty("user", user[0]);
        properties.setProperty("password", user[1]);
        properties.setProperty("connectTimeout", "5");
        return DriverManager.getConnection(
                "jdbc:postgresql://" + uri.getHost() + ":" + uri.getPort() + uri.getPath(), properties);
    }
}
