package io.homebudget.ledger.storage.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.journal.Frame;
import io.homebudget.ledger.storage.journal.FrameType;
import io.homebudget.ledger.storage.journal.JournalInspector;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import io.homebudget.ledger.storage.journal.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person sees of a journal when nothing else starts. */
class JournalInspectorTest {
    @TempDir
    Path folder;

    private final List<Path> segments = new ArrayList<>();
    private final List<Frame> frames = new ArrayList<>();
    private final List<Long> torn = new ArrayList<>();
    private final List<RecoveryRequired> damages = new ArrayList<>();

    private final JournalInspector.Visitor all = new JournalInspector.Visitor() {
        @Override
        public void segment(Path file, Segment.Header header) {
            segments.add(file);
        }

        @Override
        public boolean frame(Frame frame) {
            frames.add(frame);
            return true;
        }

        @Override
        public void torn(Path file, long offset) {
            torn.add(offset);
        }

        @Override
        public void damaged(RecoveryRequired damage) {
            damages.add(damage);
        }
    };

    @Test
    void everyRecordOfEverySegmentIsToldInOrderAlsoWhileTheStoreRuns() throws IOException {
        try (JsonStore store = smallSegments()) {
            for (int i = 0; i < 200; i++) {
                Stores.created(store, "note " + i);
            }

            JournalInspector.list(folder, all);
        }
        assertThat(segments).hasSizeGreaterThan(2);
        assertThat(frames).extracting(Frame::number).isSorted().doesNotHaveDuplicates();
        assertThat(frames)
                .filteredOn(frame -> frame.type() == FrameType.CHANGES)
                .hasSize(200);
        assertThat(torn).isEmpty();
        assertThat(damages).isEmpty();
    }

    @Test
    void theListingEndsWhereTheVisitorHasSeenEnough() throws IOException {
        written(10);
        JournalInspector.list(folder, new JournalInspector.Visitor() {
            @Override
            public boolean frame(Frame frame) {
                frames.add(frame);
                return frames.size() < 3;
            }
        });

        assertThat(frames).hasSize(3);
    }

    @Test
    void aTornTailIsToldWithThePlaceBehindTheLastWholeRecord() throws IOException {
        written(5);
        Path last = lastSegment();
        long whole = Files.size(last);
        Files.write(last, new byte[] {1, 2, 3}, StandardOpenOption.APPEND);

        JournalInspector.list(folder, all);

        assertThat(frames)
                .filteredOn(frame -> frame.type() == FrameType.CHANGES)
                .hasSize(5);
        assertThat(torn).containsExactly(whole);
        assertThat(Files.size(last)).isEqualTo(whole + 3);
    }

    @Test
    void damageIsToldAndTheNextSegmentIsReadAllTheSame() throws IOException {
        try (JsonStore store = smallSegments()) {
            for (int i = 0; i < 200; i++) {
                Stores.created(store, "note " + i);
            }
        }
        JournalInspector.list(folder, all);
        Path first = segments.get(0);
        int whole = frames.size();
        frames.clear();
        flip(first, Files.size(first) / 2);

        JournalInspector.list(folder, all);

        assertThat(damages).singleElement().satisfies(damage -> {
            assertThat(damage.file()).isEqualTo(first);
            assertThat(damage.offset()).isPositive();
        });
        assertThat(frames).hasSizeBetween(whole / 4, whole - 1);
        assertThat(frames.get(frames.size() - 1).number()).isGreaterThan(whole / 2);
    }

    private JsonStore smallSegments() {
        return Stores.ruling(Stores.open(Stores.config(folder).withLogLimits(8 << 10, 1 << 30, 1_000_000), Disk.REAL));
    }

    private void written(int count) {
        try (JsonStore store = Stores.ruling(folder)) {
            for (int i = 0; i < count; i++) {
                Stores.created(store, "note " + i);
            }
        }
    }

    private Path lastSegment() throws IOException {
        JournalInspector.list(folder, all);
        Path last = segments.get(segments.size() - 1);
        segments.clear();
        frames.clear();
        return last;
    }

    private static void flip(Path file, long offset) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ 0x40));
            one.flip();
            channel.write(one, offset);
        }
    }
}
