package io.homebudget.local.frontdoor;

import io.homebudget.local.home.Ports;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.httpproxy.Body;
import io.vertx.httpproxy.HttpProxy;
import io.vertx.httpproxy.ProxyContext;
import io.vertx.httpproxy.ProxyInterceptor;
import io.vertx.httpproxy.ProxyResponse;
import java.net.ConnectException;
import java.util.Set;

/**
 * Passes requests to the services, bodies streamed both ways, WebSockets included. What it answers itself when a service is
 * away says whether the request can have had an effect: that is decided by whether a connection was there to send it on.
 */
final class Passage implements ProxyInterceptor {
    /** Shorter than any service's idle limit (Quarkus: 30 min): an idle connection is closed here, never under a request. */
    private static final int KEEP_ALIVE_SECONDS = 20;
    /** Per event loop and service; more wait in the queue, which is bounded as well. */
    private static final int CONNECTIONS = 128;

    private static final int QUEUE = 2_000;
    /** On loopback a connection is there at once or refused; beyond this the queue is stuck. */
    private static final int CONNECT_LIMIT_MILLIS = 5_000;
    /** No byte in either direction for so long: exports and restores send progress or bytes far more often. */
    private static final int SILENCE_LIMIT_MILLIS = 120_000;

    private static final Set<HttpMethod> READS = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

    private final Ports ports;
    private final Handler<HttpServerRequest> proxy;

    Passage(Vertx vertx, Ports ports) {
        this.ports = ports;
        HttpClient client = vertx.createHttpClient(
                new HttpClientOptions()
                        .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                        .setConnectTimeout(2_000)
                        .setMaxHeaderSize(32 << 10)
                        .setDecompressionSupported(false),
                new PoolOptions().setHttp1MaxSize(CONNECTIONS).setMaxWaitQueueSize(QUEUE));
        this.proxy = HttpProxy.reverseProxy(client).origin(this::connect).addInterceptor(this);
    }

    void pass(HttpServerRequest request) {
        proxy.handle(request);
    }

    @Override
    public Future<ProxyResponse> handleProxyRequest(ProxyContext context) {
        HttpServerRequest from = context.request().proxiedRequest();
        Routes.Route route = route(from);
        String query = from.query();
        if (!route.path().equals(from.path())) {
            context.request().setURI(query == null ? route.path() : route.path() + "?" + query);
        }
        // the front door has answered "100 Continue" itself; asking the service again would hold the body back twice
        context.request().headers().remove(HttpHeaders.EXPECT);
        String client =
                from.remoteAddress() == null ? "unknown" : from.remoteAddress().hostAddress();
        context.request().putHeader("X-Forwarded-For", client);
        context.request().putHeader("X-Forwarded-Proto", "http");
        if (from.authority() != null) {
            context.request().putHeader("X-Forwarded-Host", from.authority().toString());
        }
        return context.sendRequest().recover(failure -> {
            boolean sent = Boolean.TRUE.equals(context.get("connected", Boolean.class));
            Problem problem = sent
                    ? Problem.answerLost(route.service(), READS.contains(from.method()))
                    : failure instanceof ConnectException
                            ? Problem.away(route.service())
                            : Problem.busy(route.service());
            return Future.succeededFuture(refusal(context, problem));
        });
    }

    private Future<HttpClientRequest> connect(ProxyContext context) {
        HttpServerRequest from = context.request().proxiedRequest();
        RequestOptions options = new RequestOptions()
                .setHost("localhost")
                .setPort(ports.of(route(from).service()))
                .setConnectTimeout(CONNECT_LIMIT_MILLIS);
        if (from.getHeader(HttpHeaders.UPGRADE) == null) {
            options.setIdleTimeout(SILENCE_LIMIT_MILLIS);
        }
        return context.client().request(options).onSuccess(request -> context.set("connected", true));
    }

    private static ProxyResponse refusal(ProxyContext context, Problem problem) {
        ProxyResponse response = context.request()
                .release()
                .response()
                .setStatusCode(problem.error().status());
        if (problem.error().retryAfterSeconds() > 0) {
            response.putHeader(
                    HttpHeaders.RETRY_AFTER, Integer.toString(problem.error().retryAfterSeconds()));
        }
        return response.putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
                .setBody(Body.body(Buffer.buffer(problem.body())));
    }

    private static Routes.Route route(HttpServerRequest request) {
        return Routes.find(request.method().name(), request.path()).orElseThrow();
    }
}
