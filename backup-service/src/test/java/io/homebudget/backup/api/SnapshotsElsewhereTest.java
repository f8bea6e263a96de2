package io.homebudget.backup.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.format.Manifest;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.jobs.Progress;
import io.homebudget.backup.problems.Refused;
import io.homebudget.backup.remote.RemoteCopies;
import io.homebudget.backup.remote.Transfers;
import io.homebudget.ledger.error.LedgerError;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the list says of snapshots of which only the copy is left. */
class SnapshotsElsewhereTest {
    private static final Instant BEGUN = Instant.parse("2026-01-31T12:00:07Z");
    private static final SnapshotId OLD = SnapshotId.at(BEGUN, 7);
    private static final SnapshotId PINNED = SnapshotId.at(BEGUN.plusSeconds(60), 8);

    @TempDir
    Path folder;

    @Test
    @Tag("A28")
    void theyHaveTheTimeThatTheGateOfTheEventsNeedsAndTheirMark() throws IOException {
        // When
        Map<String, Object> answer = resource(new Copies(true)).list(null, null);
        // Then
        assertThat(column(answer, "id")).isEqualTo(List.of(PINNED.text(), OLD.text()));
        assertThat(column(answer, "created_at")).isEqualTo(List.of(BEGUN.plusSeconds(60), BEGUN));
        assertThat(column(answer, "pinned")).isEqualTo(List.of(true, false));
        assertThat(resource(new Copies(true)).one(OLD.text())).containsEntry("created_at", BEGUN);
    }

    @Test
    void whereTheMarksCannotBeReadNobodyIsToldThatTheyAreNotThere() throws IOException {
        SnapshotsResource resource = resource(new Copies(false));
        assertThat(resource.one(PINNED.text())).containsEntry("pinned", null);
        assertThat(resource.list(null, null).get("note"))
                .isEqualTo("It is not known which of the copies elsewhere are pinned: the store is away");
    }

    @Test
    void aStoreThatCannotBeListedIsNotTakenForAnEmptyOne() throws IOException {
        SnapshotsResource resource = resource(new Copies(true) {
            @Override
            public Set<SnapshotId> list() throws IOException {
                throw new IOException("the store is away");
            }
        });

        assertThat(resource.list(null, null)).extracting("note").asString().contains("the store is away");
        // whoever orders something of one that may be there is told to come back, not that there is none
        assertThatThrownBy(() -> resource.verify(null, OLD.text()))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> assertThat(refused.refusal().error()).isEqualTo(LedgerError.NOT_WRITTEN))
                .hasMessageContaining("the store is away");
    }

    private static List<Object> column(Map<String, Object> answer, String name) {
        return ((List<?>) answer.get("items"))
                .stream().<Object>map(item -> ((Map<?, ?>) item).get(name)).toList();
    }

    private SnapshotsResource resource(RemoteCopies copies) {
        Catalogue catalogue = new Catalogue(folder);
        // nothing is ordered here
        return new SnapshotsResource(
                catalogue, new Transfers(catalogue, copies, Clock.systemUTC()), null, null, null, null);
    }

    /** Two copies, one of them pinned. @param marksReadable whether the store gives the marks today */
    private static class Copies implements RemoteCopies {
        private final boolean marksReadable;

        Copies(boolean marksReadable) {
            this.marksReadable = marksReadable;
        }

        @Override
        public boolean configured() {
            return true;
        }

        @Override
        public Set<SnapshotId> list() throws IOException {
            return Set.of(OLD, PINNED);
        }

        @Override
        public Set<SnapshotId> pinned() throws IOException {
            if (!marksReadable) {
                throw new IOException("the store is away");
            }
            return Set.of(PINNED);
        }

        @Override
        public Manifest manifest(SnapshotId id) {
            throw new UnsupportedOperationException("a list fetches nothing");
        }

        @Override
        public void upload(SnapshotId id, Path from, Progress progress) {
            throw new UnsupportedOperationException("a list sends nothing");
        }

        @Override
        public void fetch(SnapshotId id, Path into, Progress progress) {
            throw new UnsupportedOperationException("a list fetches nothing");
        }

        @Override
        public void pin(SnapshotId id, boolean pinned) {
            throw new UnsupportedOperationException("a list pins nothing");
        }

        @Override
        public void remove(SnapshotId id) {
            throw new UnsupportedOperationException("a list removes nothing");
        }
    }
}
