package io.homebudget.backup.standin;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A server that speaks S3, in a process of its own, with one bucket. */
public final class S3Server implements AutoCloseable {
    public static final String BUCKET = "home-budget-backups";
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final Process process;
    private final int port;

    public S3Server(Path data) throws IOException {
        port = freePort();
        Path jar = Path.of(System.getProperty("s3mock.jar", "target/s3mock/s3mock.jar"));
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx200m",
                        "-jar",
                        jar.toString(),
                        "--server.port=" + freePort(),
                        "--com.adobe.testing.s3mock.httpPort=" + port,
                        "--com.adobe.testing.s3mock.domain.root=" + data,
                        "--com.adobe.testing.s3mock.domain.initialBuckets=" + BUCKET)
                .redirectErrorStream(true)
                .redirectOutput(data.resolveSibling("s3.log").toFile())
                .start();
        await().atMost(LIMIT).until(this::answers);
    }

    public String url() {
        return "http://127.0.0.1:" + port;
    }

    private boolean answers() {
        if (!process.isAlive()) {
            throw new IllegalStateException("the S3 server ended with status " + process.exitValue());
        }
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(url() + "/" + BUCKET).toURL().openConnection();
            connection.setConnectTimeout(1_000);
            connection.setReadTimeout(5_000);
            return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
