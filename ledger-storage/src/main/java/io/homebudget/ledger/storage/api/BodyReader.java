package io.homebudget.ledger.storage.api;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Refusal;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyReader;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;

/**
 * Hands a body over as bytes. Never reads more than the limit, whatever the client announced: a body without a length is cut
 * off at the first byte too many.
 */
@Provider
@Consumes(MediaType.WILDCARD)
public class BodyReader implements ServerMessageBodyReader<Body> {
    private final Instance<ApiConfig> config;

    /** Made before the configuration of the run is there, so it is asked for later. */
    public BodyReader(Instance<ApiConfig> config) {
        this.config = config;
    }

    @Override
    public boolean isReadable(
            Class<?> type, Type genericType, ResteasyReactiveResourceInfo lazyMethod, MediaType mediaType) {
        return type == Body.class;
    }

    @Override
    public boolean isReadable(Class<?> type, Type genericType, Annotation[] annotations, MediaType mediaType) {
        return type == Body.class;
    }

    @Override
    public Body readFrom(Class<Body> type, Type genericType, MediaType mediaType, ServerRequestContext context)
            throws IOException {
        return read(context.getInputStream());
    }

    @Override
    public Body readFrom(
            Class<Body> type,
            Type genericType,
            Annotation[] annotations,
            MediaType mediaType,
            MultivaluedMap<String, String> httpHeaders,
            InputStream entityStream)
            throws IOException {
        return read(entityStream);
    }

    private Body read(InputStream in) throws IOException {
        int limit = config.get().maxBodyBytes();
        byte[] bytes = in instanceof ByteArrayInputStream memory ? memory.readAllBytes() : in.readNBytes(limit + 1);
        if (bytes.length > limit) {
            throw new Refused(Refusal.of(LedgerError.TOO_LARGE, "The body is longer than " + limit + " bytes."));
        }
        return new Body(bytes);
    }
}
