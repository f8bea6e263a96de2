package io.homebudget.backup.access;

import io.homebudget.backup.problems.Refused;
import jakarta.ws.rs.container.ContainerRequestContext;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Everything under {@code /api} needs a token; health and metrics do not. */
public class AccessFilter {
    private static final String GUARDED = "/api/";

    private final Guard guard;

    AccessFilter(Guard guard) {
        this.guard = guard;
    }

    @ServerRequestFilter
    public void check(ContainerRequestContext request) {
        String path = request.getUriInfo().getRequestUri().getPath();
        if (!path.startsWith(GUARDED)) {
            return;
        }
        guard.check(request.getHeaderString("Authorization"), request.getMethod(), path)
                .ifPresent(refusal -> {
                    throw Refused.of(refusal);
                });
    }
}
