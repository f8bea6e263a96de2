package io.homebudget.ledger.storage.api;

import io.smallrye.mutiny.subscription.MultiSubscriber;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.io.OutputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerHttpResponse;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyWriter;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;

/**
 * Writes {@link Chunks} as they are: returning a {@code Multi} as JSON would have the framework serialise every element and put
 * its own separators between them.
 *
 * <p>A failure before the first part gets an error answer; after it, the connection is cut, so that no client takes half a list
 * for a whole one.
 */
@Provider
public class ChunksWriter implements ServerMessageBodyWriter<Chunks> {
    private static final Logger LOG = Logger.getLogger(ChunksWriter.class);

    @Override
    public boolean isWriteable(
            Class<?> type, Type genericType, ResteasyReactiveResourceInfo target, MediaType mediaType) {
        return type == Chunks.class;
    }

    @Override
    public boolean isWriteable(Class<?> type, Type genericType, Annotation[] annotations, MediaType mediaType) {
        return type == Chunks.class;
    }

    @Override
    public void writeResponse(Chunks chunks, Type genericType, ServerRequestContext context) {
        ResteasyReactiveRequestContext request = (ResteasyReactiveRequestContext) context;
        request.suspend();
        Writing writing = new Writing(request);
        context.serverResponse().addCloseHandler(writing::cancel);
        chunks.parts().subscribe().withSubscriber(writing);
    }

    @Override
    public void writeTo(
            Chunks chunks,
            Class<?> type,
            Type genericType,
            Annotation[] annotations,
            MediaType mediaType,
            MultivaluedMap<String, Object> httpHeaders,
            OutputStream entityStream) {
        throw new UnsupportedOperationException("chunks are written by writeResponse");
    }

    /** One answer on its way. */
    private static final class Writing implements MultiSubscriber<byte[]> {
        private final ResteasyReactiveRequestContext request;
        private final ServerHttpResponse response;
        private final AtomicBoolean over = new AtomicBoolean();
        private volatile Flow.Subscription subscription;
        private volatile boolean begun;

        Writing(ResteasyReactiveRequestContext request) {
            this.request = request;
            this.response = request.serverResponse();
        }

        void cancel() {
            Flow.Subscription running = subscription;
            if (over.compareAndSet(false, true)) {
                if (running != null) {
                    running.cancel();
                }
                request.resume();
            }
        }

        @Override
        public void onSubscribe(Flow.Subscription s) {
            subscription = s;
            if (over.get()) {
                s.cancel();
            } else {
                s.request(1);
            }
        }

        @Override
        public void onItem(byte[] part) {
            if (over.get()) {
                return;
            }
            if (!begun) {
                begun = true;
                response.setChunked(true);
            }
            response.write(part).whenComplete((written, failure) -> {
                if (failure != null) {
                    cancel();
                } else {
                    subscription.request(1);
                }
            });
        }

        @Override
        public void onFailure(Throwable failure) {
            if (!over.compareAndSet(false, true)) {
                return;
            }
            if (begun) {
                LOG.warn("a streamed answer broke off, its connection is cut", failure);
                request.unwrap(HttpServerRequest.class).connection().close();
                request.resume();
            } else {
                request.resume(failure);
            }
        }

        @Override
        public void onCompletion() {
            if (over.compareAndSet(false, true)) {
                response.end();
                request.resume();
            }
        }
    }
}
