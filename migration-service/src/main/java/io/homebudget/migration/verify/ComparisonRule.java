package io.homebudget.migration.verify;

import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.ledgers.RecordedChange;
import io.homebudget.migration.verify.Finding.Type;
import java.util.Objects;
import java.util.UUID;

/**
 * The rule by which a difference counts: never a row against a moving row.
 *
 * <p>The readings come in this order: the primary (vp, dp), then the head H of its log, then, once the follower has passed H,
 * the follower (vf, df). So the follower must hold vp or newer, and whatever is newer is in the log. vf &lt; vp is stale; at
 * vf = vp the digests decide; at vf &gt; vp each side is compared with what its change recorded. That gives no false alarm under
 * live writes and no blind spot for an entry that never rests (A19).
 *
 * <p>The log is the judge (A37): where the sides differ, the damaged one is the one whose values do not give the digest that
 * the change recorded, be it the primary or not. Pure functions.
 */
final class ComparisonRule {
    private final StoreName primary;
    private final StoreName other;

    /** @param other the follower; the primary again where what it serves is compared with its own disk */
    ComparisonRule(StoreName primary, StoreName other) {
        this.primary = primary;
        this.other = other;
    }

    /** The first judgement, of one reading of each side; null stands for an id that the side never had. */
    Judgement judge(EntryState p, EntryState f) {
        if (!live(p) && !live(f)) {
            boolean behind = p != null && f != null && f.version() < p.version();
            return behind
                    ? differs(p, f, Type.STALE, other, "the deletion at version " + p.version() + " is missing")
                    : Judgement.SAME;
        }
        if (live(p) && p.recorded() == null) {
            // no change made this row, so the other side cannot know it
            return live(f) && f.recorded() != null
                    ? differs(p, f, Type.FIELD, primary, "the row was replaced by one that no change made")
                    : differs(p, f, Type.EXTRA, primary, "no change made this row");
        }
        if (live(f) && f.recorded() == null) {
            return live(p)
                    ? differs(p, f, Type.FIELD, other, "the row was replaced by one that no change made")
                    : differs(p, f, Type.EXTRA, other, "no change made this row");
        }
        if (f == null) {
            return differs(p, null, Type.MISSING, other, "it stood past version " + p.version() + " and has no row");
        }
        long vp = p == null ? 0 : p.version();
        if (f.version() > vp) {
            return new Judgement.AskTheLog(f.version());
        }
        if (f.version() < vp) {
            return live(p) && !live(f)
                    ? differs(
                            p,
                            f,
                            Type.STALE,
                            other,
                            "it holds the deletion at version " + f.version() + ", the log is at " + vp)
                    : differs(p, f, Type.STALE, other, "it holds version " + f.version() + ", the log is at " + vp);
        }
        return sameVersion(p, f);
    }

    private Judgement sameVersion(EntryState p, EntryState f) {
        if (live(p) != live(f) || !Objects.equals(p.changeId(), f.changeId())) {
            return new Judgement.AskTheLog(f.version());
        }
        if (p.actual().equals(f.actual()) && p.intact() && f.intact()) {
            return Judgement.SAME;
        }
        if (!p.intact()) {
            String cause = f.intact()
                    ? "the values are not what version " + p.version() + " recorded"
                    : "the values of both sides are not what version " + p.version() + " recorded";
            return differs(p, f, Type.FIELD, primary, cause);
        }
        String cause = f.intact()
                ? "it recorded another digest for version " + f.version()
                : "the values are not what version " + f.version() + " recorded";
        return differs(p, f, Type.FIELD, other, cause);
    }

    /**
     * The second judgement, where the sides stood at different versions.
     *
     * @param f the follower's reading that asked for this
     * @param change what the primary's log says about f's version; null where it does not hold it
     * @param anew the primary, read after f
     */
    Judgement judgeByLog(EntryState f, RecordedChange change, EntryState anew) {
        long vf = f.version();
        long va = anew == null ? 0 : anew.version();
        if (change == null) {
            return Judgement.AGAIN;
        }
        if (!matches(f, change)) {
            Type type = change.deleted() ? Type.EXTRA : live(f) ? Type.FIELD : Type.MISSING;
            return differs(anew, f, type, other, "it does not hold what version " + vf + " recorded");
        }
        if (va < vf) {
            Type type = change.deleted() ? Type.EXTRA : live(anew) ? Type.STALE : Type.MISSING;
            boolean nothingThere = change.deleted() && !live(anew);
            return nothingThere
                    ? Judgement.SAME
                    : differs(anew, f, type, primary, "its log is at version " + vf + ", its row is not");
        }
        if (va == vf && !matches(anew, change)) {
            Type type = change.deleted() ? Type.EXTRA : live(anew) ? Type.FIELD : Type.MISSING;
            return differs(anew, f, type, primary, "it does not hold what version " + vf + " recorded");
        }
        if (!anew.intact()) {
            return differs(anew, f, Type.FIELD, primary, "the values are not what version " + va + " recorded");
        }
        return Judgement.SAME;
    }

    /** The last word when the log never showed the version in question: it was cut, or nobody wrote it. */
    Finding withoutLog(EntryState p, EntryState f) {
        if (!live(p) && live(f)) {
            // a legitimate deletion leaves a tombstone until both sides have passed it
            return f.intact() && p == null
                    ? finding(p, f, Type.MISSING, primary, "row and tombstone are gone, no change deleted it")
                    : finding(p, f, Type.EXTRA, other, "the log knows no version " + f.version());
        }
        if (live(p) && live(f) && !p.intact()) {
            return finding(p, f, Type.FIELD, primary, "the values are not what version " + p.version() + " recorded");
        }
        return finding(p, f, live(f) ? Type.FIELD : Type.MISSING, other, "the log knows no version " + f.version());
    }

    /** A single store: the row against what its own last change recorded. */
    Judgement judgeAlone(EntryState p) {
        if (!live(p) || p.intact()) {
            return Judgement.SAME;
        }
        return p.recorded() == null
                ? differs(p, null, Type.EXTRA, primary, "no change made this row")
                : differs(p, null, Type.FIELD, primary, "the values are not what version " + p.version() + " recorded");
    }

    private static boolean matches(EntryState state, RecordedChange change) {
        if (!live(state)) {
            return change.deleted();
        }
        UUID digest = change.digest();
        return !change.deleted() && digest.equals(state.actual()) && digest.equals(state.recorded());
    }

    static boolean live(EntryState state) {
        return state != null && !state.deleted();
    }

    private Judgement differs(EntryState p, EntryState f, Type type, StoreName damaged, String cause) {
        return Judgement.differs(finding(p, f, type, damaged, cause));
    }

    private Finding finding(EntryState p, EntryState f, Type type, StoreName damaged, String cause) {
        return new Finding(p == null ? f.id() : p.id(), type, damaged, primary, p, f, cause);
    }
}
