package io.homebudget.ledger.storage.access;

import io.homebudget.ledger.access.AccessTokens;
import io.homebudget.ledger.access.Role;
import io.homebudget.ledger.storage.api.Answers;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.DynamicFeature;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.FeatureContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;

/** Puts the check of {@link RequiresRole} before the methods that have it, once, when the service starts. */
@Provider
public class RoleFeature implements DynamicFeature {
    private final Instance<AccessTokens> tokens;

    /** Made before the configuration of the run is there, so the tokens are asked for later. */
    public RoleFeature(Instance<AccessTokens> tokens) {
        this.tokens = tokens;
    }

    @Override
    public void configure(ResourceInfo resource, FeatureContext context) {
        RequiresRole required = resource.getResourceMethod().getAnnotation(RequiresRole.class);
        if (required == null) {
            required = classAnnotation(resource.getResourceClass());
        }
        if (required != null) {
            context.register(new RoleFilter(tokens, required.value()), Priorities.AUTHENTICATION);
        }
    }

    private static RequiresRole classAnnotation(Class<?> type) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            RequiresRole found = c.getDeclaredAnnotation(RequiresRole.class);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** Lets pass who may, answers 401 or 403 to others before the body is read. */
    static final class RoleFilter implements ContainerRequestFilter {
        private final Instance<AccessTokens> tokens;
        private final Role[] wanted;

        RoleFilter(Instance<AccessTokens> tokens, Role[] wanted) {
            this.tokens = tokens;
            this.wanted = wanted.clone();
        }

        @Override
        public void filter(ContainerRequestContext request) {
            tokens.get()
                    .check(request.getHeaderString(HttpHeaders.AUTHORIZATION), wanted)
                    .ifPresent(refusal -> request.abortWith(Answers.refusal(refusal)));
        }
    }
}
