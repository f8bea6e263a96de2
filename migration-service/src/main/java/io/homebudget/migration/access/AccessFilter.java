package io.homebudget.migration.access;

import io.homebudget.ledger.access.Role;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.migration.problems.Refused;
import jakarta.ws.rs.container.ContainerRequestContext;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Reading the system's state takes the viewer's or the operator's token, everything that acts takes the operator's. */
public class AccessFilter {
    private static final String GUARDED = "/api/";

    /** Its bodies go to disk as they come, and have a limit of their own. */
    private static final String STREAMED = "/api/v1/migration/imports";

    private final Guard guard;
    private final long largestOrder;

    AccessFilter(Guard guard, Tokens configured) {
        this.guard = guard;
        this.largestOrder = configured.largestOrder();
    }

    @ServerRequestFilter
    public void check(ContainerRequestContext request) {
        String path = request.getUriInfo().getRequestUri().getPath();
        if (!path.startsWith(GUARDED)) {
            return;
        }
        boolean reading = "GET".equals(request.getMethod()) || "HEAD".equals(request.getMethod());
        guard.check(request.getHeaderString("Authorization"), reading ? Role.VIEWER : Role.OPERATOR)
                .ifPresent(refusal -> {
                    throw Refused.of(refusal.error(), refusal.detail());
                });
        if (!path.equals(STREAMED)) {
            refuseLargeOrder(request);
            request.setProperty(OrderLimit.LIMIT, largestOrder);
        }
    }

    /** Every other body is read into memory. */
    private void refuseLargeOrder(ContainerRequestContext request) {
        String length = request.getHeaderString("Content-Length");
        if (length != null && (!length.matches("\\d{1,18}") || Long.parseLong(length) > largestOrder)) {
            throw Refused.of(LedgerError.TOO_LARGE, OrderLimit.told(largestOrder));
        }
    }
}
