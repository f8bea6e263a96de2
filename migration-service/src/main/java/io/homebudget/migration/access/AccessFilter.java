package io.homebudget.migration.access;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.migration.problems.Refused;
import jakarta.ws.rs.container.ContainerRequestContext;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Reading the system's state takes the viewer's or the operator's token, everything that acts takes the operator's. */
public class AccessFilter {
    private static final String GUARDED = "/api/";
    private static final String BEARER = "Bearer ";

    private final Guard guard;

    AccessFilter(Guard guard) {
        this.guard = guard;
    }

    @ServerRequestFilter
    public void check(ContainerRequestContext request) {
        if (!request.getUriInfo().getRequestUri().getPath().startsWith(GUARDED)) {
            return;
        }
        String header = request.getHeaderString("Authorization");
        String token = header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? header.substring(BEARER.length()).trim()
                : null;
        Optional<String> role = guard.roleOf(token);
        if (role.isEmpty()) {
            throw Refused.of(
                    LedgerError.UNAUTHENTICATED, "Send Authorization: Bearer with the operator's or viewer's token.");
        }
        boolean reading = "GET".equals(request.getMethod()) || "HEAD".equals(request.getMethod());
        if (!reading && !Caller.OPERATOR.equals(role.get())) {
            throw Refused.of(LedgerError.FORBIDDEN, "This call needs the operator's token; the viewer's only reads.");
        }
    }
}
