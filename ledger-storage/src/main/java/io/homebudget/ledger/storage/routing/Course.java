package io.homebudget.ledger.storage.routing;

import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.following.Following;

/**
 * What a ledger does right now. Immutable and replaced as a whole, so that a request sees one course from beginning to end
 * and can tell afterwards whether it still rules.
 *
 * @param rule the rule; null while it is not known who rules
 * @param ability what clients may do
 * @param reason why not everything is possible, with an advice; null when everything is
 * @param following how the follower is kept up to date; null without a follower, or while it could not be reached yet
 */
record Course(Rule rule, Ability ability, String reason, Following following) {

    enum Ability {
        /** Reads and writes. */
        SERVING,
        /** The outcome of a decision is unknown, or the store that rules is out of reach: nobody writes. */
        READ_ONLY,
        /** No store can be trusted to answer. */
        CLOSED
    }

    static Course serving(Rule rule, Following following) {
        return new Course(rule, Ability.SERVING, null, following);
    }

    static Course closed(String reason) {
        return new Course(null, Ability.CLOSED, reason, null);
    }

    Course readOnly(String why) {
        return new Course(rule, Ability.READ_ONLY, why, following);
    }

    Course with(Following newFollowing) {
        return new Course(rule, ability, reason, newFollowing);
    }

    boolean mayWrite() {
        return ability == Ability.SERVING;
    }

    boolean mayRead() {
        return ability != Ability.CLOSED && rule != null;
    }

    long epoch() {
        return rule == null ? 0 : rule.epoch();
    }
}
