package io.homebudget.migration.verify;

import io.homebudget.ledger.internal.EntryState;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.discrepancies.Finding;
import io.homebudget.migration.discrepancies.Finding.Cause;
import io.homebudget.migration.discrepancies.Finding.Place;
import io.homebudget.migration.discrepancies.Finding.Type;
import io.homebudget.migration.ledgers.RecordedChange;
import java.util.Objects;
import java.util.Optional;
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
    private static final String NO_CHANGE = "no change made this row";
    private static final String REPLACED = "the row was replaced by one that no change made";
    private static final String REPEATED = "the id stands there more than once";
    private static final String GONE = "row and tombstone are gone, no change deleted it";

    private final StoreName primary;
    private final StoreName other;
    private final Place place;

    private ComparisonRule(StoreName primary, StoreName other, Place place) {
        this.primary = primary;
        this.other = other;
        this.place = place;
    }

    static ComparisonRule ofBoth(StoreName primary) {
        return new ComparisonRule(primary, primary.other(), Place.SERVED);
    }

    /** A single store against what its own changes recorded. */
    static ComparisonRule ofOne(StoreName primary) {
        return new ComparisonRule(primary, primary, Place.SERVED);
    }

    /** What the JSON store serves against its own disk. */
    static ComparisonRule ofDisk() {
        return new ComparisonRule(StoreName.JSON, StoreName.JSON, Place.DISK);
    }

    /** The first judgement, of one reading of each side; null stands for an id that the side never had. */
    Judgement judge(EntryState p, EntryState f) {
        if (!live(p) && !live(f)) {
            boolean behind = p != null && f != null && f.version() < p.version();
            return behind
                    ? differs(
                            p,
                            f,
                            Type.STALE,
                            other,
                            Cause.CHANGE_NOT_APPLIED,
                            "the deletion at version " + p.version() + " is missing")
                    : Judgement.SAME;
        }
        if (live(p) && p.recorded() == null) {
            // no change made this row, so the other side cannot know it
            return live(f) && f.recorded() != null
                    ? differs(p, f, Type.FIELD, primary, Cause.WRITTEN_PAST_THE_LOG, REPLACED)
                    : differs(p, f, Type.EXTRA, primary, Cause.WRITTEN_PAST_THE_LOG, NO_CHANGE);
        }
        if (live(f) && f.recorded() == null) {
            return live(p)
                    ? differs(p, f, Type.FIELD, other, Cause.WRITTEN_PAST_THE_LOG, REPLACED)
                    : differs(p, f, Type.EXTRA, other, Cause.WRITTEN_PAST_THE_LOG, NO_CHANGE);
        }
        if (f == null) {
            return differs(
                    p,
                    null,
                    Type.MISSING,
                    other,
                    Cause.ROW_LOST,
                    "it stood past version " + p.version() + " and has no row");
        }
        long vp = p == null ? 0 : p.version();
        if (f.version() > vp) {
            return new Judgement.AskTheLog(f.version());
        }
        if (f.version() < vp) {
            return behind(p, f);
        }
        return sameVersion(p, f);
    }

    private Judgement behind(EntryState p, EntryState f) {
        Type type = !live(p) ? Type.EXTRA : live(f) ? Type.STALE : Type.MISSING;
        String what = live(f) ? "version " : "the deletion at version ";
        return differs(
                p,
                f,
                type,
                other,
                Cause.CHANGE_NOT_APPLIED,
                "it holds " + what + f.version() + ", the log is at " + p.version());
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
            return differs(p, f, Type.FIELD, primary, Cause.VALUES_CHANGED, cause);
        }
        return f.intact()
                ? differs(
                        p,
                        f,
                        Type.FIELD,
                        other,
                        Cause.UNKNOWN_TO_THE_LOG,
                        "it recorded another digest for version " + f.version())
                : differs(p, f, Type.FIELD, other, Cause.VALUES_CHANGED, valuesAreNot(f.version()));
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
            return differs(
                    anew, f, type, other, Cause.VALUES_CHANGED, "it does not hold what version " + vf + " recorded");
        }
        if (va < vf) {
            Type type = change.deleted() ? Type.EXTRA : live(anew) ? Type.STALE : Type.MISSING;
            boolean nothingThere = change.deleted() && !live(anew);
            return nothingThere
                    ? Judgement.SAME
                    : differs(
                            anew, f, type, primary, Cause.ROW_LOST, "its log is at version " + vf + ", its row is not");
        }
        if (va == vf && !matches(anew, change)) {
            Type type = change.deleted() ? Type.EXTRA : live(anew) ? Type.FIELD : Type.MISSING;
            return differs(
                    anew, f, type, primary, Cause.VALUES_CHANGED, "it does not hold what version " + vf + " recorded");
        }
        if (!anew.intact()) {
            return differs(anew, f, Type.FIELD, primary, Cause.VALUES_CHANGED, valuesAreNot(va));
        }
        return Judgement.SAME;
    }

    /** The last word when the log never showed the version in question: it was cut, or nobody wrote it. */
    Finding withoutLog(EntryState p, EntryState f) {
        if (!live(p) && live(f)) {
            // a legitimate deletion leaves a tombstone until both sides have passed it
            return f.intact() && p == null
                    ? finding(p, f, Type.MISSING, primary, Cause.ROW_LOST, GONE)
                    : finding(p, f, Type.EXTRA, other, Cause.UNKNOWN_TO_THE_LOG, unknown(f.version()));
        }
        if (live(p) && live(f) && !p.intact()) {
            return finding(p, f, Type.FIELD, primary, Cause.VALUES_CHANGED, valuesAreNot(p.version()));
        }
        Type type = live(f) ? Type.FIELD : Type.MISSING;
        return finding(p, f, type, other, Cause.UNKNOWN_TO_THE_LOG, unknown(f.version()));
    }

    /** A single store: the row against what its own last change recorded. */
    Judgement judgeAlone(EntryState p) {
        if (!live(p) || p.intact()) {
            return Judgement.SAME;
        }
        return p.recorded() == null
                ? differs(p, null, Type.EXTRA, primary, Cause.WRITTEN_PAST_THE_LOG, NO_CHANGE)
                : differs(p, null, Type.FIELD, primary, Cause.VALUES_CHANGED, valuesAreNot(p.version()));
    }

    /**
     * Where an event told of a version that the primary does not hold (any more).
     *
     * @param p the primary, read after the event; null where it holds nothing under the id
     * @param newest the newest change of the entry in the primary's log, read before {@code p}; null where it has none
     */
    Optional<Finding> judgeExpected(long id, EntryState p, RecordedChange newest) {
        boolean deletedOrForgotten = newest == null || newest.deleted();
        if (deletedOrForgotten || p != null && p.version() >= newest.version()) {
            return Optional.empty();
        }
        Type type = live(p) ? Type.STALE : Type.MISSING;
        String detail = "its log is at version " + newest.version() + ", its row is not";
        return Optional.of(new Finding(id, type, primary, primary, place, p, null, Cause.ROW_LOST, detail));
    }

    /**
     * More than one row stands under the id on the other side: nobody can say which of them the next reader takes. It is told as
     * a row that no change made, so that a repair finds memory intact and has the files written anew.
     *
     * @param f one of the rows
     */
    Finding repeated(EntryState p, EntryState f) {
        EntryState row = new EntryState(f.id(), 0, 0, null, false, null, f.actual());
        return finding(p, row, Type.EXTRA, other, Cause.WRITTEN_PAST_THE_LOG, REPEATED);
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

    private static String valuesAreNot(long version) {
        return "the values are not what version " + version + " recorded";
    }

    private static String unknown(long version) {
        return "the log knows no version " + version;
    }

    private Judgement differs(EntryState p, EntryState f, Type type, StoreName damaged, Cause cause, String detail) {
        return Judgement.differs(finding(p, f, type, damaged, cause, detail));
    }

    private Finding finding(EntryState p, EntryState f, Type type, StoreName damaged, Cause cause, String detail) {
        return new Finding(p == null ? f.id() : p.id(), type, damaged, primary, place, p, f, cause, detail);
    }
}
