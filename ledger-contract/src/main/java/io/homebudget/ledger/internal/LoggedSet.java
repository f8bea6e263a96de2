package io.homebudget.ledger.internal;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.homebudget.ledger.change.Action;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.change.IdempotencyKey;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** A {@link ChangeSet} as services hand it to each other; nothing of it is lost. */
@JsonNaming(SnakeCaseStrategy.class)
public record LoggedSet(
        long position,
        UUID id,
        long epoch,
        Phase phase,
        Instant at,
        String by,
        String idempotencyKey,
        UUID request,
        List<Logged> changes) {

    /** A {@link Change}. */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Logged(
            UUID id, long entryId, long version, Action action, EntryValues before, EntryValues after, UUID digest) {

        public static Logged of(Change change) {
            return new Logged(
                    change.id(),
                    change.entryId(),
                    change.version(),
                    change.action(),
                    EntryValues.of(change.before()),
                    EntryValues.of(change.after()),
                    change.digest());
        }

        public Change toChange() {
            return new Change(id, entryId, version, action, entry(before), entry(after), digest);
        }

        private Entry entry(EntryValues values) {
            return values == null ? null : values.withId(entryId);
        }
    }

    public static LoggedSet of(ChangeSet set) {
        IdempotencyKey key = set.key();
        return new LoggedSet(
                set.position(),
                set.id(),
                set.rule().epoch(),
                set.rule().phase(),
                set.at(),
                set.by(),
                key == null ? null : key.key(),
                key == null ? null : key.request(),
                set.changes().stream().map(Logged::of).toList());
    }

    public ChangeSet toChangeSet() {
        return new ChangeSet(
                position,
                id,
                new Rule(epoch, phase),
                at,
                by,
                idempotencyKey == null ? null : new IdempotencyKey(idempotencyKey, request),
                changes.stream().map(Logged::toChange).toList());
    }
}
