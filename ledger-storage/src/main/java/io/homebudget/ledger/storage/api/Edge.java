package io.homebudget.ledger.storage.api;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bucket;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Problem;
import io.homebudget.ledger.error.Refusal;
import io.homebudget.ledger.internal.InternalApi;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import java.util.concurrent.TimeUnit;

/**
 * What is decided before anything of a request is read: bodies that say they are too long and clients that call too often are
 * refused, and what a body calls itself is forgotten. Stands before all routes, so that its refusals look like all others.
 */
public class Edge {
    private static final int BEFORE_EVERYTHING = 10_000;
    private static final String API = "/api/";
    private static final String CONTENT_TYPE = "Content-Type";
    private static final String JSON = "application/json";

    private final ApiConfig config;

    public Edge(ApiConfig config) {
        this.config = config;
    }

    void install(@Observes Filters filters) {
        filters.register(this::refuseLongBodies, BEFORE_EVERYTHING);
        filters.register(Edge::takeEveryContentType, BEFORE_EVERYTHING - 2);
        if (config.rateLimit().calls() > 0) {
            filters.register(new RateLimiter(config.rateLimit())::refuseTooMany, BEFORE_EVERYTHING - 1);
        }
    }

    private void refuseLongBodies(RoutingContext context) {
        String length = context.request().getHeader("Content-Length");
        int limit = context.request().path().startsWith(InternalApi.ROOT)
                ? config.maxInternalBodyBytes()
                : config.maxBodyBytes();
        if (length != null && isLonger(length, limit)) {
            answer(context, Refusal.of(LedgerError.TOO_LARGE, "The body is longer than " + limit + " bytes."), 0);
        } else {
            context.next();
        }
    }

    /** The old backend looks at the body alone; the framework would refuse a type that is none with 400 before we are asked. */
    private static void takeEveryContentType(RoutingContext context) {
        String type = context.request().getHeader(CONTENT_TYPE);
        if (type != null && !type.equals(JSON) && context.request().path().startsWith(API)) {
            context.request().headers().set(CONTENT_TYPE, JSON);
        }
        context.next();
    }

    private static boolean isLonger(String length, int limit) {
        // The HTTP decoder has refused whatever is no number; more than 18 digits would not fit a long.
        return length.length() > 18 || length.length() > 1 && Long.parseLong(length) > limit;
    }

    private static void answer(RoutingContext context, Refusal refusal, long retryAfterSeconds) {
        Problem problem = Problem.of(refusal);
        HttpServerResponse response = context.response();
        response.setStatusCode(problem.status()).putHeader(CONTENT_TYPE, problem.contentType());
        if (problem.retryAfterSeconds() > 0) {
            response.putHeader("Retry-After", Long.toString(Math.max(problem.retryAfterSeconds(), retryAfterSeconds)));
        }
        if (problem.status() == LedgerError.TOO_LARGE.status()) {
            response.putHeader("Connection", "close");
        }
        response.end(Buffer.buffer(problem.body()));
    }

    /** A token bucket per client address; addresses longest unseen are forgotten, so memory is bounded. */
    private static final class RateLimiter {
        private final LoadingCache<String, Bucket> buckets;

        RateLimiter(ApiConfig.RateLimit limit) {
            this.buckets = Caffeine.newBuilder()
                    .maximumSize(limit.addresses())
                    .expireAfterAccess(limit.period().multipliedBy(2))
                    .build(address -> Bucket.builder()
                            .addLimit(bandwidth ->
                                    bandwidth.capacity(limit.calls()).refillGreedy(limit.calls(), limit.period()))
                            .build());
        }

        void refuseTooMany(RoutingContext context) {
            if (!context.request().path().startsWith(API)) {
                context.next();
                return;
            }
            var probe =
                    buckets.get(context.request().remoteAddress().hostAddress()).tryConsumeAndReturnRemaining(1);
            if (probe.isConsumed()) {
                context.next();
            } else {
                long seconds = TimeUnit.NANOSECONDS.toSeconds(probe.getNanosToWaitForRefill()) + 1;
                answer(
                        context,
                        Refusal.of(
                                LedgerError.TOO_MANY_REQUESTS,
                                "Too many calls from this address. Wait as long as Retry-After says."),
                        seconds);
            }
        }
    }
}
