package io.homebudget.backup.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.format.Durable;
import io.homebudget.backup.format.Exports;
import io.homebudget.backup.format.SnapshotId;
import io.homebudget.backup.jobs.Progress;
import io.homebudget.backup.standin.CopiesInMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransfersTest {
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

    @TempDir
    Path folder;

    private final Store store = new Store();
    private Transfers transfers;

    @BeforeEach
    void start() {
        transfers = new Transfers(new Catalogue(folder), store, Clock.systemUTC());
    }

    @Test
    void howCopyingStandsIsToldByTheLastCopy() throws Exception {
        // Given
        SnapshotId id = written(1);
        assertThat(transfers.standing().word()).isEqualTo("unknown");
        // When the store fails once
        store.failing = "upload";
        assertThatThrownBy(() -> transfers.upload(id, Progress.NONE)).hasMessageContaining("was made");
        // Then
        assertThat(transfers.standing()).isEqualTo(new Transfers.Standing("failing", "upload: away"));
        // When
        transfers.upload(id, Progress.NONE);
        // Then
        assertThat(transfers.standing()).isEqualTo(new Transfers.Standing("current", null));
    }

    @Test
    void aReconciliationIsCurrentOnlyWhenEverythingIsCopied() throws Exception {
        // Given one that is copied, one that is not, and a mark that is missing
        SnapshotId copied = written(1);
        SnapshotId missing = written(2);
        transfers.upload(copied, Progress.NONE);
        new Catalogue(folder).update(copied, state -> state.pinned(true));
        for (String call : List.of("list", "pinned", "pin", "upload")) {
            // When
            store.failing = call;
            assertThatThrownBy(() -> transfers.reconcile(Progress.NONE)).hasMessageContaining(call + ": away");
            // Then
            assertThat(transfers.standing()).as(call).isEqualTo(new Transfers.Standing("failing", call + ": away"));
        }
        // When
        transfers.reconcile(Progress.NONE);
        // Then
        assertThat(transfers.standing().word()).isEqualTo("current");
        assertThat(store.list()).containsExactlyInAnyOrder(copied, missing);
        assertThat(store.pinned()).containsExactly(copied);
    }

    @Test
    void aSnapshotThatIsRemovedMeanwhileIsNoFailureOfTheStore() throws Exception {
        // Given two that are to be copied, one of which is gone when its turn comes
        SnapshotId first = written(1);
        SnapshotId second = written(2);
        store.duringUpload =
                copied -> Durable.removeTree(folder.resolve((copied.equals(first) ? second : first).text()));
        // When
        transfers.reconcile(Progress.NONE);
        // Then
        assertThat(transfers.standing().word()).isEqualTo("current");
        assertThat(store.list()).hasSize(1);
    }

    @Test
    void whatCannotBeMarkedIsNotFetchedFirst() throws IOException {
        // Given
        SnapshotId id = SnapshotId.at(NOW, 1);
        store.put(id, null);
        store.failing = "pinned";
        // Then
        assertThatThrownBy(() -> transfers.local(id, Progress.NONE)).hasMessageContaining("pinned: away");
        assertThat(store.calls).doesNotContain("fetch");
    }

    @Test
    void onlyWhoeverWaitsForAListIsAnsweredSoon() throws Exception {
        // When
        transfers.reconcile(Progress.NONE);
        // Then
        assertThat(store.calls).containsExactly("list", "pinned");
        // When
        store.calls.clear();
        transfers.remote();
        transfers.pinned();
        // Then
        assertThat(store.calls).containsExactly("list soon", "pinned soon");
    }

    private SnapshotId written(int random) throws IOException {
        SnapshotId id = SnapshotId.at(NOW, random);
        Exports.snapshot(folder, id, NOW);
        new Catalogue(folder).checked(id, NOW, List.of());
        return id;
    }

    private interface Happening {
        void with(SnapshotId id) throws IOException;
    }

    /** A store whose calls are counted, and may fail. */
    private static final class Store extends CopiesInMemory {
        private final List<String> calls = new ArrayList<>();
        private Happening duringUpload = id -> {};
        /** The call that fails, once. */
        private String failing = "";

        private void called(String call) throws IOException {
            calls.add(call);
            if (call.equals(failing)) {
                failing = "";
                throw new IOException(call + ": away");
            }
        }

        @Override
        public Set<SnapshotId> list() throws IOException {
            called("list");
            return super.list();
        }

        @Override
        public Set<SnapshotId> listSoon() throws IOException {
            called("list soon");
            return super.list();
        }

        @Override
        public Set<SnapshotId> pinned() throws IOException {
            called("pinned");
            return super.pinned();
        }

        @Override
        public Set<SnapshotId> pinnedSoon() throws IOException {
            called("pinned soon");
            return super.pinned();
        }

        @Override
        public void upload(SnapshotId id, Path from, Progress progress) throws IOException {
            called("upload");
            duringUpload.with(id);
            super.upload(id, from, progress);
        }

        @Override
        public void fetch(SnapshotId id, Path into, Progress progress) throws IOException {
            called("fetch");
        }

        @Override
        public void pin(SnapshotId id, boolean pinned) throws IOException {
            called("pin");
            super.pin(id, pinned);
        }
    }
}
