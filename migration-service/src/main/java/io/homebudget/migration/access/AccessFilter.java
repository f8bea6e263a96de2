package io.homebudget.migration.access;

import io.homebudget.ledger.access.Role;
import io.homebudget.migration.problems.Refused;
import jakarta.ws.rs.container.ContainerRequestContext;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Reading the system's state takes the viewer's or the operator's token, everything that acts takes the operator's. */
public class AccessFilter {
    private static final String GUARDED = "/api/";

    private final Guard guard;

    AccessFilter(Guard guard) {
        this.guard = guard;
    }

    @ServerRequestFilter
    public void check(ContainerRequestContext request) {
        if (!request.getUriInfo().getRequestUri().getPath().startsWith(GUARDED)) {
            return;
        }
        boolean reading = "GET".equals(request.getMethod()) || "HEAD".equals(request.getMethod());
        guard.check(request.getHeaderString("Authorization"), reading ? Role.VIEWER : Role.OPERATOR)
                .ifPresent(refusal -> {
                    throw Refused.of(refusal.error(), refusal.detail());
                });
    }
}
