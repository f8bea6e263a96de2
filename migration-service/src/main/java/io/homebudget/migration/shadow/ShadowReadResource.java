package io.homebudget.migration.shadow;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.migration.problems.KindWord;
import io.smallrye.mutiny.Uni;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads that the stores answered differently. {@code verdict} says what comparing their entries gave. */
@Path("/api/v1/migration/shadow-reads")
@Produces(MediaType.APPLICATION_JSON)
public class ShadowReadResource {
    private static final int MOST = 1_000;
    private static final int USUAL = 100;

    private final ShadowReadBook book;

    ShadowReadResource(ShadowReadBook book) {
        this.book = book;
    }

    @GET
    public Uni<Map<String, Object>> list(
            @QueryParam("kind") String word, @QueryParam("limit") Integer limit, @QueryParam("after") Long after) {
        Kind kind = word == null ? null : KindWord.inQuery(word);
        int most = limit == null ? USUAL : Math.max(1, Math.min(limit, MOST));
        return book.page(kind, after == null ? Long.MAX_VALUE : after, most).map(rows -> {
            List<Map<String, Object>> items = new ArrayList<>();
            for (ShadowReadRow row : rows) {
                Map<String, Object> item = new LinkedHashMap<>();
                item.put("id", row.id);
                item.put("kind", row.kind);
                item.put("request", row.request);
                item.put("phase", row.phase);
                item.put("primary", row.primary);
                item.put("position", row.position);
                item.put("served", row.served);
                item.put("shadow", row.shadow);
                item.put("entry_ids", row.entries());
                item.put("at", row.at);
                item.put("verdict", row.verdict);
                item.put("judged_at", row.judgedAt);
                items.add(item);
            }
            Map<String, Object> page = new LinkedHashMap<>();
            page.put("items", items);
            page.put("next", rows.size() < most ? null : String.valueOf(rows.get(most - 1).id));
            return page;
        });
    }
}
