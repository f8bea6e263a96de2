package io.homebudget.ledger.storage.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * The append-only log of a JSON store, in segments {@code journal-<first frame>.log}.
 *
 * <p>Guarantees: what {@link #append} returned from is on disk; a failed append leaves nothing behind that a later one would
 * follow; a failed fsync is never tried again, because the kernel may have dropped the pages and then says yes (A41): the file is
 * opened anew, read back up to what was durable, and cut there.
 *
 * <p>Appending, rotating and closing belong to one thread; the list of segments may be read by any.
 */
public final class Journal implements Closeable {
    /** The format that this version writes and the newest that it reads. */
    public static final int FORMAT = 1;

    private static final Logger LOG = Logger.getLogger(Journal.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final Disk disk;
    private final String kind;
    private final long segmentBytes;
    private final CopyOnWriteArrayList<Segment> segments = new CopyOnWriteArrayList<>();
    private Disk.Writable current;
    private volatile long goodBytes;
    private long goodFrame;
    private volatile long appended;

    private Journal(Path folder, Disk disk, String kind, long segmentBytes) {
        this.folder = folder;
        this.disk = disk;
        this.kind = kind;
        this.segmentBytes = segmentBytes;
    }

    /** Looks at which segments there are, without reading on. */
    public static Journal find(Path folder, Disk disk, String kind, long segmentBytes) throws IOException {
        Journal journal = new Journal(folder, disk, kind, segmentBytes);
        for (Path file : files(folder)) {
            journal.segments.add(new Segment(file, header(file, kind)));
        }
        return journal;
    }

    static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(f -> f.getFileName().toString().matches("journal-\\d{19}\\.log"))
                    .sorted(Comparator.comparing(f -> f.getFileName().toString()))
                    .toList();
        }
    }

    static Segment.Header header(Path file, String expectedKind) throws IOException {
        try (FrameReader reader = new FrameReader(file)) {
            Frame frame = reader.next();
            if (frame == null || frame.type() != FrameType.SEGMENT_HEADER) {
                throw new RecoveryRequired(file, 0, "this is no journal segment", "Restore a snapshot.");
            }
            JsonNode json = JSON.readTree(frame.payload());
            int format = json.path("format").asInt();
            if (format > FORMAT) {
                throw new RecoveryRequired(
                        file,
                        0,
                        "it has format " + format + ", this version knows formats up to " + FORMAT,
                        "Start the newer version that wrote it.");
            }
            String kind = json.path("kind").asText();
            if (expectedKind != null && !expectedKind.equals(kind)) {
                throw new RecoveryRequired(
                        file, 0, "it belongs to kind " + kind + ", not " + expectedKind, "Check the data folder.");
            }
            return new Segment.Header(
                    format,
                    kind,
                    json.path("identity").asText(),
                    json.path("first_frame").asLong(),
                    json.path("after_position").asLong(),
                    json.path("changes_before").asLong());
        }
    }

    public List<Segment> segments() {
        return segments;
    }

    /** Whether anything was ever recorded. */
    public boolean hasFrames() throws IOException {
        if (segments.isEmpty()) {
            return false;
        }
        Segment last = segments.get(segments.size() - 1);
        if (last.header().firstFrame() > 1 || segments.size() > 1) {
            return true;
        }
        try (FrameReader reader = new FrameReader(last.file())) {
            reader.next();
            return reader.next() != null;
        }
    }

    /** Begins a journal that has no segment yet. */
    public void begin(String identity) throws IOException {
        newSegment(new Segment.Header(FORMAT, kind, identity, 1, 0, 0));
    }

    /**
     * Gives every frame after the given number to {@code consumer}, cuts a torn tail off (kept aside in a file of its own) and
     * opens the journal for appending.
     *
     * @return the number of the last frame
     */
    public long replay(long after, Consumer<Frame> consumer, Consumer<String> notices) throws IOException {
        int start = segments.size() - 1;
        while (start >= 0 && segments.get(start).header().firstFrame() > after + 1) {
            start--;
        }
        if (start < 0) {
            throw new RecoveryRequired(
                    folder,
                    -1,
                    "the journal from record " + (after + 1) + " on is missing",
                    "Put the missing journal files back, or restore a snapshot.");
        }
        long expected = segments.get(start).header().firstFrame();
        for (int i = start; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (segment.header().firstFrame() != expected) {
                throw new RecoveryRequired(
                        segment.file(),
                        -1,
                        "it begins with record " + segment.header().firstFrame() + ", expected " + expected,
                        "A journal file is missing: put it back, or restore a snapshot.");
            }
            expected = replay(segment, i == segments.size() - 1, after, consumer, notices);
        }
        goodFrame = expected - 1;
        if (goodFrame < after) {
            throw new RecoveryRequired(
                    segments.get(segments.size() - 1).file(),
                    goodBytes,
                    "it ends with record " + goodFrame + ", but the metadata is of record " + after,
                    "The end of the journal is missing: put it back, or restore a snapshot.");
        }
        return goodFrame;
    }

    private long replay(Segment segment, boolean last, long after, Consumer<Frame> consumer, Consumer<String> notices)
            throws IOException {
        long expected = segment.header().firstFrame();
        try (FrameReader reader = new FrameReader(segment.file())) {
            reader.next();
            for (Frame frame = reader.next(); frame != null; frame = reader.next()) {
                if (frame.number() != expected) {
                    throw new RecoveryRequired(
                            segment.file(),
                            frame.offset(),
                            "record " + frame.number() + " stands where " + expected + " belongs",
                            "Restore a snapshot.");
                }
                expected++;
                if (frame.number() > after) {
                    consumer.accept(frame);
                }
            }
            if (reader.end() == FrameReader.End.TORN && !last) {
                throw new RecoveryRequired(
                        segment.file(), reader.offset(), "it ends in the middle of a record", "Restore a snapshot.");
            }
            if (last) {
                openTail(segment, reader.offset(), notices);
            }
        }
        return expected;
    }

    private void openTail(Segment segment, long good, Consumer<String> notices) throws IOException {
        current = disk.open(segment.file());
        goodBytes = good;
        long size = current.size();
        if (size > good) {
            Path aside = segment.file().resolveSibling(segment.file().getFileName() + ".torn-" + good);
            keepTail(segment.file(), good, aside);
            current.truncate(good);
            current.force();
            String notice = (size - good) + " bytes of an unfinished write were cut from "
                    + segment.file().getFileName() + " and kept in " + aside.getFileName();
            LOG.warn(notice);
            notices.accept(notice);
        }
    }

    private void keepTail(Path file, long from, Path aside) throws IOException {
        Files.deleteIfExists(aside);
        try (var in = Files.newInputStream(file);
                Disk.Writable out = disk.open(aside)) {
            in.skipNBytes(from);
            byte[] block = new byte[1 << 16];
            for (int read = in.read(block); read > 0; read = in.read(block)) {
                out.append(ByteBuffer.wrap(block, 0, read));
            }
            out.force();
        }
    }

    /** Durable when it returns. @param lastFrame the number of the last frame in the buffer */
    public void append(FrameBuffer frames, long lastFrame, long lastPosition) throws AppendFailed {
        if (current == null) {
            reopen();
        }
        try {
            current.append(frames.content());
        } catch (IOException e) {
            undo(e);
            throw new AppendFailed(false, "the journal cannot be written: " + e.getMessage(), e);
        }
        try {
            current.force();
        } catch (IOException e) {
            LOG.error("fsync of the journal failed; the file is opened anew and read back", e);
            drop();
            try {
                reopen();
            } catch (AppendFailed again) {
                LOG.error("the journal cannot be read back yet", again);
            }
            throw new AppendFailed(true, "fsync of the journal failed: " + e.getMessage(), e);
        }
        segments.get(segments.size() - 1).mark(lastPosition, goodBytes + frames.size());
        goodBytes += frames.size();
        appended += frames.size();
        goodFrame = lastFrame;
    }

    private void undo(IOException cause) throws AppendFailed {
        try {
            current.truncate(goodBytes);
            current.force();
        } catch (IOException e) {
            e.addSuppressed(cause);
            drop();
            throw new AppendFailed(true, "the journal cannot be written, nor the attempt undone: " + e.getMessage(), e);
        }
    }

    private void drop() {
        try {
            current.close();
        } catch (IOException e) {
            LOG.debug("closing the journal failed", e);
        }
        current = null;
    }

    /** Reads the segment back as far as it was durable, and cuts there. What was in doubt is gone afterwards. */
    private void reopen() throws AppendFailed {
        Segment segment = segments.get(segments.size() - 1);
        long frame = segment.header().firstFrame() - 1;
        Disk.Writable opened = null;
        try (FrameReader reader = new FrameReader(segment.file())) {
            reader.limit(goodBytes).next();
            while (reader.next() != null) {
                frame++;
            }
            if (reader.offset() != goodBytes || frame != goodFrame) {
                throw new IOException("it reads back to record " + frame + ", expected " + goodFrame);
            }
            opened = disk.open(segment.file());
            opened.truncate(goodBytes);
            opened.force();
            current = opened;
        } catch (IOException | RecoveryRequired e) {
            if (opened != null) {
                try {
                    opened.close();
                } catch (IOException closing) {
                    e.addSuppressed(closing);
                }
            }
            throw new AppendFailed(false, "the journal is not usable: " + e.getMessage(), e);
        }
    }

    /** Bytes appended by this process so far. */
    public long appended() {
        return appended;
    }

    /** The size of all segments. */
    public long bytes() {
        long sum = 0;
        for (Segment segment : segments) {
            try {
                sum += Files.size(segment.file());
            } catch (IOException e) {
                LOG.debugf("segment %s is gone", segment.file());
            }
        }
        return sum;
    }

    /** Begins a new segment if the current one is large. A failure is no harm: the current one goes on. */
    public void rotateIfLarge(String identity, long position, long changes) {
        if (current == null || goodBytes < segmentBytes) {
            return;
        }
        Disk.Writable full = current;
        try {
            newSegment(new Segment.Header(FORMAT, kind, identity, goodFrame + 1, position, changes));
            full.close();
        } catch (IOException e) {
            LOG.warn("no new journal segment could be begun, the old one goes on", e);
        }
    }

    private void newSegment(Segment.Header header) throws IOException {
        ObjectNode json = JSON.createObjectNode()
                .put("format", header.format())
                .put("kind", header.kind())
                .put("identity", header.identity())
                .put("first_frame", header.firstFrame())
                .put("after_position", header.afterPosition())
                .put("changes_before", header.changesBefore());
        FrameBuffer frames = new FrameBuffer(512);
        frames.add(FrameType.SEGMENT_HEADER, header.firstFrame(), json.toString());
        Path file = folder.resolve(String.format("journal-%019d.log", header.firstFrame()));
        Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
        Files.deleteIfExists(temporary);
        Disk.Writable opened = disk.open(temporary);
        try {
            opened.append(frames.content());
            opened.force();
            disk.rename(temporary, file);
            disk.forceFolder(folder);
        } catch (IOException e) {
            opened.close();
            Files.deleteIfExists(temporary);
            Files.deleteIfExists(file);
            throw e;
        }
        segments.add(new Segment(file, header));
        current = opened;
        goodBytes = frames.size();
        goodFrame = header.firstFrame() - 1;
    }

    /** Deletes segments that hold nothing after the given frame and position. The current one always stays. */
    public void retire(long frame, long position) {
        List<Segment> gone = new ArrayList<>();
        for (int i = 0; i + 1 < segments.size(); i++) {
            Segment.Header next = segments.get(i + 1).header();
            if (next.firstFrame() - 1 > frame || next.afterPosition() > position) {
                break;
            }
            gone.add(segments.get(i));
        }
        for (Segment segment : gone) {
            try {
                disk.delete(segment.file());
                segments.remove(segment);
            } catch (IOException e) {
                LOG.warnf(
                        e,
                        "journal segment %s could not be deleted",
                        segment.file().getFileName());
                return;
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (current != null) {
            current.close();
            current = null;
        }
    }
}
