package io.homebudget.migration.access;

import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Holds a body to the limit that {@link AccessFilter} set for it while it is read, because one that comes in chunks says no length
 * in front. At most the limit is read.
 */
@Provider
public class OrderLimit implements ReaderInterceptor {
    /** A property of the request: bytes, as a {@link Long}; without it there is no limit here. */
    static final String LIMIT = OrderLimit.class.getName();

    /** The body is longer than its limit. */
    public static final class TooLong extends IOException {
        private static final long serialVersionUID = 1L;

        private TooLong(long limit) {
            super(told(limit));
        }
    }

    static String told(long limit) {
        return "The body may have " + limit + " bytes.";
    }

    @Override
    public Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
        if (context.getProperty(LIMIT) instanceof Long limit) {
            context.setInputStream(new Limited(context.getInputStream(), limit));
        }
        return context.proceed();
    }

    private static final class Limited extends FilterInputStream {
        private final long limit;
        private long left;

        Limited(InputStream body, long limit) {
            super(body);
            this.limit = limit;
            this.left = limit;
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            count(read < 0 ? 0 : 1);
            return read;
        }

        @Override
        public int read(byte[] into, int from, int most) throws IOException {
            int read = super.read(into, from, most);
            count(Math.max(0, read));
            return read;
        }

        private void count(int read) throws TooLong {
            left -= read;
            if (left < 0) {
                throw new TooLong(limit);
            }
        }
    }
}
