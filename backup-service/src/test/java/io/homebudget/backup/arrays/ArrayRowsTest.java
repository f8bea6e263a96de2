package io.homebudget.backup.arrays;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.backup.format.Exports;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrayRowsTest {
    /** About 4 MB of rendered entries: more than is held while another kind is read. */
    private static final List<EntryImage> MANY = Exports.images(Kind.EXPENSE, 20_000, 3);

    @TempDir
    Path folder;

    @Test
    void whatRestsOnDiskIsWrittenAsWhatWasHeldInMemory() throws IOException {
        // Given
        Path scratch = folder.resolve("scratch");
        try (ArrayRows held = rows(folder.resolve("unused"));
                ArrayRows resting = rows(scratch)) {
            // When
            resting.rest();
            // Then
            assertThat(scratch).isNotEmptyDirectory();
            assertThat(resting.length()).isEqualTo(held.length());
            assertThat(text(resting)).isEqualTo(text(held)).hasSize(Math.toIntExact(held.length()));
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void longTextsAreNotHeldInMemoryUntilThereAreManyOfThem() throws IOException {
        Path scratch = folder.resolve("scratch");
        try (ArrayRows rows = new ArrayRows(Kind.EXPENSE, scratch)) {
            addMegabytes(60, rows);

            assertThat(scratch).isNotEmptyDirectory();
        }
    }

    @Test
    void aPartThatCannotBeWrittenIsToldAndLeavesNothing() throws IOException {
        // Given a file where the folder for the parts has to be
        Path scratch = Files.writeString(folder.resolve("scratch"), "");
        try (ArrayRows rows = new ArrayRows(Kind.EXPENSE, scratch)) {
            // Then
            assertThatThrownBy(() -> addMegabytes(60, rows)).isInstanceOf(IOException.class);
            assertThatThrownBy(rows::length).isInstanceOf(IOException.class);
        }
        assertThat(folder).isEmptyDirectory();
    }

    /** Adds so many entries with notes of a megabyte. */
    private static void addMegabytes(int count, ArrayRows rows) throws IOException {
        EntryImage image = MANY.get(0);
        EntryValues values = image.values();
        EntryValues large = new EntryValues(
                values.date(),
                values.business(),
                values.category(),
                values.cents(),
                values.account(),
                values.currency(),
                "n".repeat(1 << 20));
        for (int id = 1; id <= count; id++) {
            rows.add(new EntryImage(
                    id, image.version(), image.epoch(), image.changeId(), false, image.recorded(), large));
        }
    }

    private static ArrayRows rows(Path scratch) throws IOException {
        ArrayRows rows = new ArrayRows(Kind.EXPENSE, scratch);
        for (EntryImage image : MANY) {
            rows.add(image);
        }
        return rows;
    }

    private static byte[] text(ArrayRows rows) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        rows.writeTo(out);
        return out.toByteArray();
    }
}
