package io.homebudget.ledger.storage.routing;

import static io.homebudget.ledger.storage.routing.PhaseChangeRefused.reasonOf;
import static io.homebudget.ledger.storage.routing.PhaseChangeRefused.refuse;

import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.internal.PhaseChange;
import io.homebudget.ledger.phase.Rule;
import io.smallrye.mutiny.Uni;
import java.util.concurrent.TimeUnit;

/**
 * JSON rules from now on, without PostgreSQL, which cannot be asked: because the in-sync mark proves that JSON holds everything
 * acknowledged, or because somebody accepted the loss.
 */
final class Takeover {
    /** Ids that a lost PostgreSQL may have given out without JSON knowing: skipped after a takeover with accepted loss. */
    private static final long LOST_IDS = 1_000_000;

    private final Helm helm;

    Takeover(Helm helm) {
        this.helm = helm;
    }

    /** PostgreSQL is lost, or JSON is behind it: JSON takes over if the mark proves it complete, or with accepted loss. */
    Uni<PhaseChange.Done> change(Course course, Rule to, boolean acceptLoss) {
        boolean complete = helm.mark.isSet();
        if (helm.postgresAttached() && !complete) {
            return refuse(
                    LedgerError.NOT_WRITTEN,
                    "JSON is not in sync yet and PostgreSQL is within reach: wait until it has caught up, then repeat.");
        }
        if (!complete && !acceptLoss) {
            return refuse(
                    LedgerError.CONSENT_MISSING,
                    "PostgreSQL is out of reach and JSON does not hold everything that was acknowledged: up to "
                            + lagOf(course)
                            + " changes or more may be lost. Repeat with accept_loss to go back all the same.");
        }
        long began = System.nanoTime();
        // from here on no write in flight is acknowledged, so what the mark says now it will still say when JSON rules
        helm.set(course.readOnly("JSON is taking over."));
        if (complete && !helm.mark.isSet()) {
            helm.set(course);
            return refuse(LedgerError.NOT_WRITTEN, "JSON fell out of sync at this very moment; look again.");
        }
        helm.set(course.readOnly("JSON is taking over.").with(null));
        return helm.json
                .standing()
                .chain(json -> {
                    long prepared = json.prepared().map(Rule::epoch).orElse(0L);
                    Rule rule = new Rule(Math.max(course.epoch(), prepared) + 1, to.phase());
                    Uni<Void> ids = complete
                            ? Uni.createFrom().voidItem()
                            : helm.json.idsThrough().chain(ids0 -> helm.json.raiseIds(ids0 + LOST_IDS));
                    return ids.chain(() -> helm.json.adopt(rule))
                            .chain(helm.json::head)
                            .map(head -> {
                                helm.postgresAttached(false);
                                helm.set(Course.serving(rule, null));
                                return new PhaseChange.Done(
                                        rule.phase(),
                                        rule.epoch(),
                                        head,
                                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began),
                                        complete
                                                ? null
                                                : "JSON took over without being in sync: what only PostgreSQL held is lost "
                                                        + "from view and will be listed as orphans when it returns.");
                            });
                })
                .onFailure()
                .invoke(failure -> {
                    // the following has ended: the attachment starts another one when PostgreSQL is there
                    helm.postgresAttached(false);
                    helm.set(course.readOnly("JSON could not take over: " + reasonOf(failure))
                            .with(null));
                });
    }

    private static String lagOf(Course course) {
        return course.following() == null
                ? "an unknown number of"
                : Long.toString(course.following().lag());
    }
}
