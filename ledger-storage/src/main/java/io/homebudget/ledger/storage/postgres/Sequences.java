package io.homebudget.ledger.storage.postgres;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/** Raises sequences without ever lowering them, also while others draw from them. */
final class Sequences {
    private Sequences() {}

    /**
     * Raises {@code sequence} to at least the value of the query {@code least}. {@code setval} alone could lower it when others draw
     * between the comparison and the setting; ALTER SEQUENCE takes a lock that they wait for.
     */
    static Future<Void> raise(Link link, SqlConnection connection, String sequence, String least) {
        return Link.inTransaction(connection, c -> raiseWithin(link, c, sequence, least));
    }

    /** As {@link #raise}, in the transaction that is open on the connection. */
    static Future<Void> raiseWithin(Link link, SqlConnection connection, String sequence, String least) {
        return link.run(
                        connection,
                        "read sequence",
                        "SELECT (" + least + ") > CASE WHEN is_called THEN last_value ELSE 0 END FROM " + sequence)
                .compose(rows -> rows.iterator().next().getBoolean(0)
                        ? Link.command(connection, "ALTER SEQUENCE " + sequence + " CACHE 1")
                                .compose(locked -> link.run(
                                        connection,
                                        "raise sequence",
                                        "SELECT setval('" + sequence + "', greatest) FROM (SELECT GREATEST((" + least
                                                + "), last_value) AS greatest FROM " + sequence + ") s"))
                                .mapEmpty()
                        : Future.succeededFuture());
    }
}
