package io.homebudget.local.frontdoor;

import io.homebudget.local.home.Ports;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** One origin for all APIs and the console, in a JVM of its own. */
public final class FrontDoor extends AbstractVerticle {
    /** Two event loops pass thousands of requests a second; more would take the cores from the services. */
    private static final int LOOPS = 2;

    private final Ports ports;
    private Passage passage;

    private FrontDoor(Ports ports) {
        this.ports = ports;
    }

    /** @param args the front door's port; the services' are above it */
    public static void main(String[] args) {
        Ports ports = new Ports(Integer.parseInt(args[0]));
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(LOOPS));
        vertx.deployVerticle(() -> new FrontDoor(ports), new DeploymentOptions().setInstances(LOOPS))
                .onSuccess(id -> System.out.println("The front door is open on " + ports.url("front-door")))
                .onFailure(failure -> {
                    System.err.println("The front door cannot open: " + failure.getMessage());
                    Runtime.getRuntime().halt(1);
                });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
            } catch (Exception e) {
                System.err.println("Closed in a hurry: " + e);
            }
        }));
    }

    @Override
    public void start(Promise<Void> started) {
        passage = new Passage(vertx, ports);
        HttpServerOptions options = new HttpServerOptions()
                .setHandle100ContinueAutomatically(true)
                // filters travel in the address
                .setMaxInitialLineLength(16 << 10)
                .setMaxHeaderSize(32 << 10)
                // far above what a console's quiet WebSocket needs; a client that is gone does not hold a connection
                // for ever
                .setIdleTimeout(15)
                .setIdleTimeoutUnit(TimeUnit.MINUTES);
        vertx.createHttpServer(options)
                .requestHandler(this::receive)
                .listen(ports.frontDoor(), "127.0.0.1")
                .<Void>mapEmpty()
                .onComplete(started);
        // where a machine has no IPv6, clients that try it first fall back by themselves
        vertx.createHttpServer(options).requestHandler(this::receive).listen(ports.frontDoor(), "::1");
    }

    private void receive(HttpServerRequest request) {
        String path = request.path() == null ? "/" : request.path();
        if (Routes.find(request.method().name(), path).isPresent()) {
            passage.pass(request);
            return;
        }
        HttpServerResponse response = request.response();
        switch (path) {
            case "/" -> welcome(request);
            case "/health", "/ready" -> json(response, 200, new JsonObject().put("status", "healthy"));
            case "/metrics" -> html(response, links("Metrics", "/metrics/", ""));
            case "/docs" ->
                html(
                        response,
                        links("API documentation", "/docs/", "") + links("OpenAPI documents", "/docs/", "/openapi"));
            case "/docs/expense", "/docs/income", "/docs/migration", "/docs/backup" ->
                // the page loads its parts from its own service's root, so it is shown there
                redirect(response, ports.url(path.substring("/docs/".length())) + "/q/swagger-ui/");
            default -> {
                Problem problem = Problem.noSuchPath(path);
                response.setStatusCode(problem.error().status())
                        .putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
                        .end(problem.body());
            }
        }
    }

    private void welcome(HttpServerRequest request) {
        String accept = request.getHeader(HttpHeaders.ACCEPT);
        if (accept != null && accept.toLowerCase(Locale.ROOT).contains("text/html")) {
            redirect(request.response(), "/console");
            return;
        }
        json(
                request.response(),
                200,
                new JsonObject().put("message", "Home Budget API. Documentation: /docs, console: /console"));
    }

    private static void redirect(HttpServerResponse response, String to) {
        response.setStatusCode(307).putHeader(HttpHeaders.LOCATION, to).end();
    }

    private static void json(HttpServerResponse response, int status, JsonObject body) {
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .end(body.encode());
    }

    private static void html(HttpServerResponse response, String body) {
        response.putHeader(HttpHeaders.CONTENT_TYPE, "text/html; charset=utf-8")
                .end("<!doctype html><html lang=\"en\"><title>Home Budget</title><body>" + body + "</body></html>");
    }

    private static String links(String title, String before, String after) {
        StringBuilder list = new StringBuilder("<h1>" + title + "</h1><ul>");
        for (String service : new String[] {"expense", "income", "migration", "backup"}) {
            list.append("<li><a href=\"")
                    .append(before)
                    .append(service)
                    .append(after)
                    .append("\">")
                    .append(service)
                    .append("</a></li>");
        }
        return list.append("</ul>").toString();
    }
}
