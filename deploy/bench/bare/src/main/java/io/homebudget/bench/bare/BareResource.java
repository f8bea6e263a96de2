package io.homebudget.bench.bare;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;

/**
 * The raw limit that creates are compared with: parse the body, insert one row through the reactive client, answer its id.
 *
 * <p>No validation, no change log, no events, no epoch. What the services do beyond this is the price that the ratio shows.
 */
@Path("/api/v1/expense")
public class BareResource {
    private static final String INSERT = """
            INSERT INTO bench_bare.expenses (date, business, category, amount, account, currency, notes)
            VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id""";

    private final Pool pool;

    public BareResource(Pool pool) {
        this.pool = pool;
    }

    /** The answer: the id that the database gave. */
    public record Created(String status, long id) {}

    @POST
    public Uni<Created> create(NewEntry entry) {
        Tuple values = Tuple.tuple();
        values.addValue(entry.date());
        values.addValue(entry.business());
        values.addValue(entry.category());
        values.addValue(entry.amount());
        values.addValue(entry.account());
        values.addValue(entry.currency());
        values.addValue(entry.notes());
        return pool.preparedQuery(INSERT)
                .execute(values)
                .map(rows -> new Created("created", rows.iterator().next().getLong(0)));
    }

    @GET
    @Path("/ready")
    public String ready() {
        return "ok";
    }
}
