package io.homebudget.migration.surroundings;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.migration.gates.Known;
import io.homebudget.migration.gates.Surroundings;
import io.homebudget.migration.snapshots.Backups;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Looks at what lies around the ledgers. An answer is at most {@link #REMEMBERED} old, comes within a limit, and never fails:
 * what cannot be found out is an answer too.
 */
@ApplicationScoped
public class Surveyor {
    /** The status is asked for by every open console; disks and snapshots do not change faster than a person looks. */
    private static final Duration REMEMBERED = Duration.ofSeconds(3);

    /** What was not found out keeps a gate closed: an order, which waits for gates a few seconds, must see it anew in them. */
    private static final Duration UNKNOWN_REMEMBERED = Duration.ofMillis(500);

    /** A status must not wait longer for what is away; below {@link #REMEMBERED}, so that a look is never given up for another. */
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final Map<Kind, Uni<Surroundings>> views = new EnumMap<>(Kind.class);
    private final Backups backups;

    Surveyor(DatabaseRoom room, Backups backups, EventLog events, ReplicaCount replicas) {
        this.backups = backups;
        Uni<Known<Surroundings.Room>> disk = remembered(room.look(), System::nanoTime);
        Uni<Known<Surroundings.Shelf>> shelf = remembered(Uni.createFrom().deferred(this::shelf), System::nanoTime);
        for (Kind kind : Kind.values()) {
            Uni<Known<Duration>> retention = remembered(events.retention(kind), System::nanoTime);
            Uni<Known<Integer>> count = remembered(replicas.of(kind), System::nanoTime);
            views.put(
                    kind,
                    Uni.combine().all().unis(disk, shelf, retention, count).with(Surroundings::new));
        }
    }

    public Uni<Surroundings> around(Kind kind) {
        return views.get(kind);
    }

    private Uni<Known<Surroundings.Shelf>> shelf() {
        if (!backups.configured()) {
            return Uni.createFrom().item(Known.notUsed("No snapshots: BACKUP_URL is not set."));
        }
        return backups.list()
                .map(Surveyor::shelfOf)
                .onFailure(Backups.Trouble.class)
                .recoverWithItem(failure -> ((Backups.Trouble) failure).kind() == Backups.Trouble.Kind.NOT_OFFERED
                        ? Known.notUsed("No snapshots: " + failure.getMessage() + ".")
                        : Known.unknown(failure.getMessage() + "."));
    }

    static Known<Surroundings.Shelf> shelfOf(List<Backups.Snapshot> snapshots) {
        Optional<Instant> verified = snapshots.stream()
                .filter(Backups.Snapshot::proven)
                .map(Backups.Snapshot::createdAt)
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder());
        Optional<Instant> oldest = snapshots.stream()
                .map(Backups.Snapshot::createdAt)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder());
        return Known.of(new Surroundings.Shelf(verified, oldest));
    }

    /** Of many who ask at once one look is taken. @param nanos the time that passes */
    static <T> Uni<Known<T>> remembered(Uni<Known<T>> look, LongSupplier nanos) {
        AtomicLong keptUntil = new AtomicLong(nanos.getAsLong());
        return look.ifNoItem()
                .after(LIMIT)
                .recoverWithItem(Known.unknown("No answer within " + LIMIT.toSeconds() + " s."))
                .onFailure()
                .recoverWithItem(failure -> Known.unknown(String.valueOf(failure.getMessage())))
                .invoke(known -> keptUntil.set(nanos.getAsLong() + kept(known).toNanos()))
                .memoize()
                .until(() -> {
                    long now = nanos.getAsLong();
                    boolean over = now - keptUntil.get() >= 0;
                    if (over) {
                        // whoever asks while the next look is under way waits for that one
                        keptUntil.set(now + REMEMBERED.toNanos());
                    }
                    return over;
                });
    }

    private static Duration kept(Known<?> known) {
        return known instanceof Known.Unknown<?> ? UNKNOWN_REMEMBERED : REMEMBERED;
    }
}
