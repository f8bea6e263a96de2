package io.homebudget.backup.recovery;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.catalogue.Listed;
import io.homebudget.backup.format.StoreImage;
import io.homebudget.backup.format.TopicEnd;
import io.homebudget.backup.recovery.Changes.MissingChanges;
import io.homebudget.backup.restore.LedgerCalls;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LoggedSet;
import java.io.IOException;
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

    /** Empty where no good snapshot of this ledger's past is old enough, or no log holds the change. */
    public Optional<Base> find(Kind kind, Moment.Named to) throws IOException, InterruptedException {
        Lineage lineage = Lineage.of(calls.apply(kind));
        long below = Long.MAX_VALUE;
        for (Listed candidate : good(kind)) {
            boolean tooYoung =
                    to.change() == null && image(candidate, kind).at().isAfter(to.instant());
            if (tooYoung || lineage.foreign(image(candidate, kind)).isPresent()) {
                continue;
            }
            if (to.change() == null) {
                return Optional.of(base(candidate, kind, new Moment.AtInstant(to.instant())));
            }
            long position = image(candidate, kind).position();
            Optional<Moment> moment = position(kind, to.change(), position, below);
            if (moment.isPresent()) {
                return moment.map(found -> base(candidate, kind, found));
            }
            below = position;
        }
        return Optional.empty();
    }

    /** Newest first. */
    private List<Listed> good(Kind kind) throws IOException {
        return catalogue.list().stream()
                .filter(Listed::good)
                .filter(listed -> listed.manifest().primaryImage(kind).isPresent())
                .toList();
    }

    private static Base base(Listed listed, Kind kind, Moment moment) {
        return new Base(kind, listed, image(listed, kind), moment);
    }

    private static StoreImage image(Listed listed, Kind kind) {
        return listed.manifest().primaryImage(kind).orElseThrow();
    }

    /** Looks for a change's set; of a restore, which is many sets of one time, it is the last. */
    private static final class Search {
        private final UUID change;
        private LoggedSet found;

        Search(UUID change) {
            this.change = change;
        }

        /** @return whether to go on */
        boolean look(LoggedSet set) {
            if (found == null) {
                if (set.changes().stream().anyMatch(one -> one.id().equals(change))) {
                    found = set;
                    return set.by().equals(RESTORE);
                }
                return true;
            }
            boolean same = set.by().equals(RESTORE) && set.at().equals(found.at());
            found = same ? set : found;
            return same;
        }
    }

    private Optional<Moment> position(Kind kind, UUID change, long after, long below)
            throws IOException, InterruptedException {
        Search search = new Search(change);
        try {
            new LogChanges(calls.apply(kind))
                    .after(after, set -> (set.position() <= below || search.found != null) && search.look(set));
        } catch (MissingChanges cut) {
            return Optional.empty();
        }
        return search.found == null ? Optional.empty() : Optional.of(new Moment.AtPosition(search.found.position()));
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
        } catch (MissingChanges cut) {
            Changes topic = topic(base)
                    .orElseThrow(() ->
                            new MissingChanges("Snapshot " + base.snapshot().id() + " of "
                                    + base.image().at() + " cannot be brought forward: " + cut.getMessage()
                                    + ", and Kafka cannot be asked. Nothing was recovered."));
            return folded(base, room, fold -> fromBoth(base, topic, log, fold));
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

    /** What Kafka has, and from there on what the log still has: nothing is between them, or the log says so. */
    private static String fromBoth(Base base, Changes topic, Changes log, LogFold fold)
            throws IOException, InterruptedException {
        AtomicLong published = new AtomicLong(base.image().position());
        topic.after(base.image().position(), set -> {
            published.accumulateAndGet(set.position(), Math::max);
            fold.add(set);
            return true;
        });
        log.after(published.get(), taking(fold));
        return topic.name() + ", then " + log.name();
    }

    private static Changes.Taker taking(LogFold fold) {
        return set -> {
            fold.add(set);
            return true;
        };
    }

    /** Where it is not known how far the topic was when the snapshot was made, it is read from its beginning. */
    private Optional<Changes> topic(Base base) {
        List<TopicEnd> ends = base.snapshot().manifest().topics();
        String name = base.kind().changesTopic();
        TopicEnd from = (ends == null ? List.<TopicEnd>of() : ends)
                .stream()
                        .filter(end -> end.topic().equals(name))
                        .findFirst()
                        .orElseGet(() -> new TopicEnd(name, null, Map.of()));
        return topics.from(base.kind(), from);
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
