package io.homebudget.backup.recovery;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.Listed;
import io.homebudget.backup.format.StoreImage;
import io.homebudget.backup.format.TopicEnd;
import io.homebudget.backup.recovery.Changes.MissingChanges;
import io.homebudget.backup.recovery.Changes.SourceAway;
import io.homebudget.backup.restore.LedgerCalls;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LoggedSet;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** Finds from which snapshot, and with which changes, a moment can be reached. */
public final class Bases {
    /** What the engine writes as the author of a restore's sets. */
    private static final String RESTORE = "restore";

    private final Catalogue catalogue;
    private final Function<Kind, LedgerCalls> calls;
    private final Topics topics;

    public Bases(Catalogue catalogue, Function<Kind, LedgerCalls> calls, Topics topics) {
        this.catalogue = catalogue;
        this.calls = calls;
        this.topics = topics;
    }

    /** Where changes are read when the log has lost them. */
    @FunctionalInterface
    public interface Topics {
        /** Empty where there is no Kafka. @param from where the topic ended when the snapshot was made */
        Optional<Changes> from(Kind kind, TopicEnd from);
    }

    /** @param fold to be closed; {@code source} where the changes came from, in words */
    public record Folded(LogFold fold, String source) {}

    /**
     * Empty where no good snapshot of this ledger's past is old enough, or what is left of its log does not hold the change.
     *
     * @throws Changes.SourceAway where the log does not go on for now
     */
    public Optional<Base> find(Kind kind, Moment.Named to) throws IOException, InterruptedException {
        Lineage lineage = Lineage.of(calls.apply(kind));
        long below = Long.MAX_VALUE;
        for (Listed candidate : good(kind)) {
            StoreImage image = image(candidate, kind);
            boolean tooYoung = to.change() == null && image.at().isAfter(to.instant());
            if (tooYoung || lineage.foreign(image).isPresent()) {
                continue;
            }
            if (to.change() == null) {
                return Optional.of(new Base(kind, candidate, image, new Moment.AtInstant(to.instant())));
            }
            Search search = new Search(to.change());
            try {
                searchLog(image, below, search);
            } catch (SourceAway away) {
                throw away;
            } catch (MissingChanges cut) {
                // what is older is cut as well
                return Optional.empty();
            }
            if (search.position().isPresent()) {
                return search.position().map(found -> new Base(kind, candidate, image, new Moment.AtPosition(found)));
            }
            below = image.position();
        }
        return Optional.empty();
    }

    private void searchLog(StoreImage image, long below, Search search) throws IOException, InterruptedException {
        new LogChanges(calls.apply(image.kind()))
                .after(image.position(), set -> (set.position() <= below || search.found != null) && search.look(set));
    }

    /**
     * Finds a change that the log has lost: Kafka is read from the oldest snapshot on of which it still has everything, and the newest
     * snapshot before the change is the base. Empty where the log was never cut, or nothing of it is missing in Kafka either.
     *
     * @throws MissingChanges where Kafka cannot tell what the log held
     */
    public Optional<Base> findInTopic(Kind kind, UUID change) throws IOException, InterruptedException {
        List<Listed> oldestFirst = ofThisPast(kind);
        Collections.reverse(oldestFirst);
        MissingChanges missing = null;
        for (Listed from : oldestFirst) {
            long after = image(from, kind).position();
            if (!calls.apply(kind).log(after, 1).cut()) {
                break;
            }
            Changes topic = topic(from, kind)
                    .orElseThrow(() -> new SourceAway(
                            "the log of the " + kind.plural() + " was cut, and Kafka cannot be asked what it held"));
            Search search = new Search(change);
            try {
                // what lies before the image may be in the topic too, and cannot be reached from it
                fromBoth(
                        after,
                        topic,
                        new LogChanges(calls.apply(kind)),
                        set -> set.position() <= after || search.look(set));
            } catch (SourceAway away) {
                throw away;
            } catch (MissingChanges gone) {
                missing = gone;
                continue;
            }
            if (search.position().isEmpty() && missing != null) {
                break;
            }
            return search.position().flatMap(position -> newestBefore(position, oldestFirst, kind));
        }
        if (missing != null) {
            throw missing;
        }
        return Optional.empty();
    }

    private static Optional<Base> newestBefore(long position, List<Listed> candidates, Kind kind) {
        return candidates.stream()
                .filter(one -> image(one, kind).position() < position)
                .max(Comparator.comparingLong(one -> image(one, kind).position()))
                .map(one -> new Base(kind, one, image(one, kind), new Moment.AtPosition(position)));
    }

    /** Newest first. */
    private List<Listed> ofThisPast(Kind kind) throws IOException, InterruptedException {
        Lineage lineage = Lineage.of(calls.apply(kind));
        List<Listed> found = new ArrayList<>();
        for (Listed candidate : good(kind)) {
            if (lineage.foreign(image(candidate, kind)).isEmpty()) {
                found.add(candidate);
            }
        }
        return found;
    }

    /** Newest first. */
    private List<Listed> good(Kind kind) throws IOException {
        return catalogue.list().stream()
                .filter(Listed::good)
                .filter(listed -> listed.manifest().primaryImage(kind).isPresent())
                .toList();
    }

    private static StoreImage image(Listed listed, Kind kind) {
        return listed.manifest().primaryImage(kind).orElseThrow();
    }

    /** Looks for a change's set; of a restore, which is many sets of one time, it is the last. The topic has them in any order. */
    private static final class Search {
        private final UUID change;
        private final Map<Instant, Long> restores = new HashMap<>();
        private LoggedSet found;

        Search(UUID change) {
            this.change = change;
        }

        /** @return whether more of it may follow where sets come in their order */
        boolean look(LoggedSet set) {
            boolean restore = set.by().equals(RESTORE);
            if (restore) {
                restores.merge(set.at(), set.position(), Math::max);
            }
            if (found == null && set.changes().stream().anyMatch(one -> one.id().equals(change))) {
                found = set;
            }
            return found == null
                    || restore && found.by().equals(RESTORE) && set.at().equals(found.at());
        }

        Optional<Long> position() {
            return Optional.ofNullable(found)
                    .map(set -> set.by().equals(RESTORE) ? restores.get(set.at()) : set.position());
        }
    }

    /**
     * Reads the changes between base and moment: from the log, and where that was cut, from Kafka and what is left of the log.
     *
     * @param room for the changed entries; what does not fit lies beside the snapshots until the fold is closed
     */
    public Folded fold(Base base, Room room) throws IOException, InterruptedException {
        Changes log = new LogChanges(calls.apply(base.kind()));
        try {
            return folded(base, room, fold -> {
                log.after(base.image().position(), taking(fold));
                return log.name();
            });
        } catch (SourceAway away) {
            throw away;
        } catch (MissingChanges cut) {
            Changes topic = topic(base.snapshot(), base.kind())
                    .orElseThrow(() ->
                            new MissingChanges("Snapshot " + base.snapshot().id() + " of "
                                    + base.image().at() + " cannot be brought forward: " + cut.getMessage()
                                    + ", and Kafka cannot be asked. Nothing was recovered."));
            return folded(base, room, fold -> fromBoth(base.image().position(), topic, log, taking(fold)));
        }
    }

    private interface Reading {
        /** @return where from, in words */
        String into(LogFold fold) throws IOException, InterruptedException;
    }

    private Folded folded(Base base, Room room, Reading changes) throws IOException, InterruptedException {
        LogFold fold = new LogFold(base.kind(), base.moment(), room, catalogue.folder());
        try {
            return new Folded(fold, changes.into(fold));
        } catch (IOException | InterruptedException | RuntimeException e) {
            try {
                fold.close();
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
    }

    /**
     * What Kafka has, all of it, and from there on what the log still has, as long as it is wanted: nothing is between them, or the log
     * says so.
     */
    private static String fromBoth(long after, Changes topic, Changes log, Changes.Taker taker)
            throws IOException, InterruptedException {
        AtomicLong published = new AtomicLong(after);
        topic.after(after, set -> {
            published.accumulateAndGet(set.position(), Math::max);
            taker.take(set);
            return true;
        });
        log.after(published.get(), taker);
        return topic.name() + ", then " + log.name();
    }

    private static Changes.Taker taking(LogFold fold) {
        return set -> {
            fold.add(set);
            return true;
        };
    }

    /** Where it is not known how far the topic was when the snapshot was made, it is read from its beginning. */
    private Optional<Changes> topic(Listed snapshot, Kind kind) {
        List<TopicEnd> ends = snapshot.manifest().topics();
        String name = kind.changesTopic();
        TopicEnd from = (ends == null ? List.<TopicEnd>of() : ends)
                .stream()
                        .filter(end -> end.topic().equals(name))
                        .findFirst()
                        .orElseGet(() -> new TopicEnd(name, null, Map.of()));
        return topics.from(kind, from);
    }

    /**
     * Whether the log holds every change since the newest good snapshot of this ledger's past (A28); false where every snapshot is of
     * another one; empty where there is none.
     */
    public Optional<Boolean> allThere(Kind kind) throws IOException, InterruptedException {
        List<Listed> good = good(kind);
        if (good.isEmpty()) {
            return Optional.empty();
        }
        Lineage lineage = Lineage.of(calls.apply(kind));
        for (Listed listed : good) {
            if (lineage.foreign(image(listed, kind)).isEmpty()) {
                return Optional.of(!calls.apply(kind)
                        .log(image(listed, kind).position(), 1)
                        .cut());
            }
        }
        return Optional.of(false);
    }
}
