package io.homebudget.local.control;

import io.homebudget.local.home.Home;
import io.homebudget.local.http.Answer;
import io.homebudget.local.http.JsonHttp;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;

/** The running {@code up} of a home, as {@code ctl} sees it. */
public final class ControlClient {
    private final JsonHttp http;

    private ControlClient(JsonHttp http) {
        this.http = http;
    }

    /** Empty where no {@code up} runs on the home, also where one was killed and left its address. */
    public static Optional<ControlClient> of(Home home) throws InterruptedException {
        try {
            String[] address =
                    Files.readString(home.run().resolve("control")).strip().split(" ");
            ControlClient client = new ControlClient(
                    new JsonHttp("http://127.0.0.1:" + address[0], address[1], Duration.ofSeconds(180)));
            return client.status().ok() ? Optional.of(client) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    public Answer status() throws IOException, InterruptedException {
        return http.get("/status");
    }

    public Answer down() throws IOException, InterruptedException {
        return http.post("/down", "");
    }

    public Answer start(String member) throws IOException, InterruptedException {
        return http.post("/start/" + member, "");
    }

    public Answer stop(String member) throws IOException, InterruptedException {
        return http.post("/stop/" + member, "");
    }
}
