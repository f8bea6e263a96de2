package io.homebudget.e2e.stack;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** A store that speaks S3, in a process of its own, with one bucket. It asks nobody for a password. */
public final class S3Server implements AutoCloseable {
    public static final String BUCKET = "home-budget-backups";
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Pattern KEY = Pattern.compile("<Key>([^<]+)</Key>");

    private final Process process;
    private final int port = freePort();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    /** @param folder of its data and its log */
    public S3Server(Path folder) throws IOException {
        Path jar = Path.of(System.getProperty("s3mock.jar", "target/s3mock/s3mock.jar"));
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx200m",
                        "-XX:TieredStopAtLevel=1",
                        "-jar",
                        jar.toString(),
                        "--server.port=" + freePort(),
                        "--com.adobe.testing.s3mock.httpPort=" + port,
                        "--com.adobe.testing.s3mock.domain.root=" + Files.createDirectories(folder.resolve("data")),
                        "--com.adobe.testing.s3mock.domain.initialBuckets=" + BUCKET)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("s3.log").toFile())
                .start();
    }

    public S3Server ready() {
        Awaitility.await("the S3 server answers")
                .atMost(LIMIT)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> {
                    if (!process.isAlive()) {
                        throw new AssertionError("the S3 server ended with status " + process.exitValue());
                    }
                    return get("").statusCode() == 200;
                });
        return this;
    }

    public String url() {
        return "http://127.0.0.1:" + port;
    }

    /** The names of all objects that begin so. */
    public List<String> keys(String prefix) throws IOException, InterruptedException {
        List<String> keys = new ArrayList<>();
        Matcher found =
                KEY.matcher(new String(get("?list-type=2&prefix=" + prefix).body(), StandardCharsets.UTF_8));
        while (found.find()) {
            keys.add(found.group(1));
        }
        return keys;
    }

    /** An object as it is stored. */
    public byte[] object(String key) throws IOException, InterruptedException {
        return get("/" + key).body();
    }

    private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(url() + "/" + BUCKET + path))
                        .timeout(Duration.ofSeconds(10))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
