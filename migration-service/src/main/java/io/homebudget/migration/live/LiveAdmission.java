package io.homebudget.migration.live;

import io.homebudget.migration.access.Guard;
import io.quarkus.websockets.next.HttpUpgradeCheck;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;

/** Browsers cannot set headers on a WebSocket, so the token comes as the subprotocol, and is answered as such. */
@ApplicationScoped
public class LiveAdmission implements HttpUpgradeCheck {
    private static final int UNAUTHENTICATED = 401;
    private static final String PROTOCOL = "Sec-WebSocket-Protocol";

    private final Guard guard;

    LiveAdmission(Guard guard) {
        this.guard = guard;
    }

    @Override
    public Uni<CheckResult> perform(HttpUpgradeContext context) {
        String offered = context.httpRequest().getHeader(PROTOCOL);
        if (offered != null) {
            for (String token : offered.split(",")) {
                if (guard.mayRead(token.trim())) {
                    return CheckResult.permitUpgrade(Map.of(PROTOCOL, List.of(token.trim())));
                }
            }
        }
        return CheckResult.rejectUpgrade(UNAUTHENTICATED);
    }
}
