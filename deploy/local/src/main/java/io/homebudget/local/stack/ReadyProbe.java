package io.homebudget.local.stack;

import com.fasterxml.jackson.databind.JsonNode;
import io.homebudget.local.http.Answer;
import io.homebudget.local.http.JsonHttp;
import io.homebudget.local.supervision.Probe;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Asks a member whether it is ready. */
final class ReadyProbe {
    private ReadyProbe() {}

    /** {@code GET /ready}: 200 is ready; 503 with a recovery answer is a damaged store. */
    static Supplier<Probe> http(String base) {
        JsonHttp http = new JsonHttp(base, null, Duration.ofSeconds(5));
        return () -> {
            try {
                return judge(http.get("/ready"));
            } catch (IOException e) {
                return new Probe.NotYet("does not answer yet");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Probe.NotYet("interrupted");
            }
        };
    }

    static Probe judge(Answer answer) {
        if (answer.status() == 200) {
            return new Probe.Ready();
        }
        String store = storeInRecovery(answer.json());
        if (answer.status() == 503 && store != null) {
            String notices = StreamSupport.stream(answer.json().path("notices").spliterator(), false)
                    .map(JsonNode::asText)
                    .collect(Collectors.joining(" "));
            return new Probe.Recovery(
                    "the " + store + " store", "see the advice", notices.isBlank() ? "see its log" : notices);
        }
        JsonNode recovery = recovery(answer.json());
        if (answer.status() == 503 && recovery != null) {
            return new Probe.Recovery(
                    recovery.path("file").asText("unknown"),
                    recovery.path("place").asText("unknown"),
                    recovery.path("advice").asText("see its log"));
        }
        return new Probe.NotYet("answers " + answer.reason());
    }

    /** The name under {@code stores} whose value is recovery; null for none. */
    private static String storeInRecovery(JsonNode answer) {
        if ("recovery".equals(answer.path("status").asText())) {
            return null;
        }
        for (Map.Entry<String, JsonNode> store : answer.path("stores").properties()) {
            if ("recovery".equals(store.getValue().asText())) {
                return store.getKey();
            }
        }
        return null;
    }

    /** The object that says recovery: the answer itself, or one inside it. */
    private static JsonNode recovery(JsonNode node) {
        if (node.isObject() && "recovery".equals(node.path("status").asText())) {
            return node;
        }
        for (JsonNode child : node) {
            JsonNode found = recovery(child);
            if (found != null) {
                return found;
            }
        }
        return node.isObject() && node.path("recovery").isObject() ? node.path("recovery") : null;
    }

    static Supplier<Probe> listening(int port) {
        return () -> {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress("localhost", port), 1000);
                return new Probe.Ready();
            } catch (IOException e) {
                return new Probe.NotYet("does not listen yet");
            }
        };
    }
}
