package io.homebudget.migration.reconcile;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.migration.problems.KindWord;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/** Events that could not be read. What they hold stays in the topic: read it there by partition and offset. */
@Path("/api/v1/migration/put-aside")
@Produces(MediaType.APPLICATION_JSON)
public class PutAsideResource {
    private static final Logger LOG = Logger.getLogger(PutAsideResource.class);
    private static final int MOST = 1_000;

    private final PutAsideBook book;

    PutAsideResource(PutAsideBook book) {
        this.book = book;
    }

    @GET
    public Uni<Map<String, Object>> list(@QueryParam("kind") String word) {
        return book.list(word == null ? null : kind(word), MOST).map(rows -> {
            List<Map<String, Object>> items = new ArrayList<>();
            for (PutAsideRow row : rows) {
                Map<String, Object> item = new LinkedHashMap<>();
                item.put("kind", row.kind);
                item.put("topic", row.place.topic);
                item.put("partition", row.place.partition);
                item.put("offset", row.place.offset);
                item.put("reason", row.reason);
                item.put("at", row.at);
                items.add(item);
            }
            Map<String, Object> page = new LinkedHashMap<>();
            page.put("items", items);
            page.put("next", null);
            return page;
        });
    }

    /** Ends the alarm after a person has looked at them. */
    @POST
    @Path("forget")
    @Consumes(MediaType.WILDCARD)
    public Uni<Map<String, Object>> forget(@QueryParam("kind") String word) {
        Kind kind = kind(word == null ? "" : word);
        return book.forget(kind)
                .invoke(gone -> LOG.infof("events put aside are forgotten: kind=%s events=%d", kind.word(), gone))
                .map(gone -> Map.of("forgotten", gone));
    }

    private static Kind kind(String word) {
        return KindWord.inQuery(word);
    }
}
