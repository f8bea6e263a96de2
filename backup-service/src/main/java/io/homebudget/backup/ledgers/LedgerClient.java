package io.homebudget.backup.ledgers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homebudget.backup.format.SnapshotJson;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.InternalApi;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.ledger.phase.StoreName;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;

/**
 * The internal API of one kind's ledger service, for reading on threads that may block.
 *
 * <p>The JDK's older client is used because its read timeout holds for every single read: an export that stalls in the middle ends
 * instead of waiting for ever. Only GET goes through it (it repeats a failed POST by itself).
 */
public final class LedgerClient {
    private static final ObjectMapper MAPPER = SnapshotJson.MAPPER;
    private static final int LONGEST_PROBLEM = 64 << 10;

    private final Kind kind;
    private final String base;
    private final String token;
    private final Duration connectTimeout;
    private final Duration quickTimeout;
    private final Duration stallTimeout;

    /** @param token the service credential; null where none is configured */
    public LedgerClient(
            Kind kind,
            String base,
            String token,
            Duration connectTimeout,
            Duration quickTimeout,
            Duration stallTimeout) {
        this.kind = kind;
        this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
        this.token = token;
        this.connectTimeout = connectTimeout;
        this.quickTimeout = quickTimeout;
        this.stallTimeout = stallTimeout;
    }

    public Kind kind() {
        return kind;
    }

    public LedgerState state() throws LedgerTrouble {
        String path = InternalApi.ROOT + "/state";
        try (InputStream in = get(path, quickTimeout)) {
            return MAPPER.readValue(in, LedgerState.class);
        } catch (LedgerTrouble e) {
            throw e;
        } catch (IOException e) {
            throw new LedgerTrouble(
                    kind, 0, "sent an answer to " + path + " that cannot be read: " + e.getMessage(), e);
        }
    }

    /** The export of one store as it comes; the caller reads it to its end or closes it. */
    public InputStream export(StoreName store) throws LedgerTrouble {
        return get(InternalApi.ROOT + "/export?store=" + store.word(), stallTimeout);
    }

    private InputStream get(String path, Duration readTimeout) throws LedgerTrouble {
        HttpURLConnection connection;
        int status;
        try {
            connection = (HttpURLConnection) URI.create(base + path).toURL().openConnection();
            connection.setConnectTimeout((int) connectTimeout.toMillis());
            connection.setReadTimeout((int) readTimeout.toMillis());
            connection.setInstanceFollowRedirects(false);
            if (token != null) {
                connection.setRequestProperty("Authorization", "Bearer " + token);
            }
            status = connection.getResponseCode();
            if (status == HttpURLConnection.HTTP_OK) {
                return connection.getInputStream();
            }
        } catch (IOException e) {
            throw new LedgerTrouble(
                    kind, 0, "cannot be reached at " + base + " (" + e.getMessage() + "). Start it and repeat.", e);
        }
        throw new LedgerTrouble(kind, status, "answers " + status + " to " + path + ": " + detail(connection), null);
    }

    private static String detail(HttpURLConnection connection) {
        try (InputStream in = connection.getErrorStream()) {
            if (in == null) {
                return "no reason given";
            }
            JsonNode problem = MAPPER.readTree(in.readNBytes(LONGEST_PROBLEM));
            return problem.path("detail").asText("no reason given");
        } catch (IOException e) {
            return "no reason that can be read";
        }
    }
}
