package io.homebudget.backup.format;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a snapshot and of its folder: the second in which it was begun (UTC) and six random characters. Sorting by name is
 * sorting by age. No other text is ever used as a folder's name, so a call cannot name a place outside the backups' folder.
 */
public record SnapshotId(@JsonValue String text) implements Comparable<SnapshotId> {
    private static final Pattern FORM = Pattern.compile("\\d{8}T\\d{6}Z-[0-9a-f]{6}");
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    @JsonCreator
    public SnapshotId {
        if (text == null || !FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("not the id of a snapshot; one reads like 20260131T120000Z-0f9a3c");
        }
    }

    /** @param random only its lowest 24 bits are used */
    public static SnapshotId at(Instant begun, int random) {
        return new SnapshotId(SECOND.format(begun) + String.format("-%06x", random & 0xffffff));
    }

    /** Empty for anything that is not the name of a snapshot. */
    public static Optional<SnapshotId> ofName(String name) {
        return FORM.matcher(name).matches() ? Optional.of(new SnapshotId(name)) : Optional.empty();
    }

    /** The second in which it was begun. */
    public Instant begun() {
        return SECOND.parse(text.substring(0, text.indexOf('-')), Instant::from);
    }

    @Override
    public int compareTo(SnapshotId other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}
