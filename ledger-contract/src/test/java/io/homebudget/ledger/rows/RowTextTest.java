package io.homebudget.ledger.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowTextTest {
    private static final String[] TEXTS = {
        "",
        "\\",
        "\\N",
        "N",
        "a\tb\nc\rd\\te",
        "קפה",
        "𝄞\u2028",
        "\b\f\u000b\u0001",
        "a \"quoted\" one",
        "x".repeat(3_000)
    };
    private static final String CHANGE = "00000000-0000-0001-0000-000000000002";

    private static String text(Random random) {
        return TEXTS[random.nextInt(TEXTS.length)];
    }

    private static EntryImage row(Kind kind, Random random) {
        Entry entry = new Entry(
                1 + (random.nextLong() >>> 11) % Entry.MAX_ID,
                LocalDate.ofEpochDay(random.nextInt(3_652_059) - 719_162),
                kind == Kind.INCOME || random.nextBoolean() ? null : text(random),
                text(random),
                random.nextInt(3) == 0 ? random.nextInt(200) - 100 : random.nextLong() % 10_000_000_000L,
                text(random),
                text(random),
                random.nextBoolean() ? null : text(random));
        UUID change = new UUID(random.nextLong(), random.nextLong());
        if (random.nextInt(5) == 0) {
            return new EntryImage(entry.id(), 7, 3, change, true, null, null);
        }
        UUID recorded = random.nextInt(5) == 0 ? null : random.nextInt(5) == 0 ? change : EntryDigest.of(entry);
        boolean plain = random.nextInt(5) == 0;
        return new EntryImage(
                entry.id(),
                plain ? 0 : 9,
                plain ? 0 : 2,
                plain ? null : change,
                false,
                recorded,
                EntryValues.of(entry));
    }

    @Test
    void a_row_is_read_as_it_was_written_with_the_digest_of_its_values() throws Exception {
        Random random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            Kind kind = Kind.values()[i % 2];
            EntryImage row = row(kind, random);
            StringBuilder text = new StringBuilder();

            RowText.append(kind, row, text);

            byte[] line = ("before" + text).getBytes(StandardCharsets.UTF_8);
            assertThat(text.indexOf("\n")).isEqualTo(text.length() - 1);
            RowLine read = new RowLine(kind);
            read.read(line, "before".length(), line.length - 1);
            assertThat(read.image()).isEqualTo(row);
            assertThat(read.id()).isEqualTo(row.id());
            assertThat(read.deleted()).isEqualTo(row.deleted());
            if (!row.deleted()) {
                UUID digest = EntryDigest.of(row.values().withId(row.id()));
                assertThat(new UUID(read.digestHigh(), read.digestLow())).isEqualTo(digest);
                assertThat(read.asRecorded()).isEqualTo(digest.equals(row.recorded()));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "0\tf\t2026-01-31\tb\tc\t1.00\ta\t₪\tn\t1\t1\tU\tU",
                "01\tf\t2026-01-31\tb\tc\t1.00\ta\t₪\tn\t1\t1\tU\tU",
                "9007199254740992\tf\t2026-01-31\tb\tc\t1.00\ta\t₪\tn\t1\t1\tU\tU",
                "1\tx\t2026-01-31\tb\tc\t1.00\ta\t₪\tn\t1\t1\tU\tU",
                "1\tf\t2026-02-30\tb\tc\t1.00\ta\t₪\tn\t1\t1\tU\tU",
                "1\tf\t0000-02-20\tb\tc\t1.00\ta\t₪\tn\t1\t1\tU\tU",
                "1\tf\t\\N\tb\tc\t1.00\ta\t₪\tn\t1\t1\tU\tU",
                "1\tf\t2026-01-31\tb\t\\N\t1.00\ta\t₪\tn\t1\t1\tU\tU",
                "1\tf\t2026-01-31\tb\\x\tc\t1.00\ta\t₪\tn\t1\t1\tU\tU",
                "1\tf\t2026-01-31\tb\\\tc\t1.00\ta\t₪\tn\t1\t1\tU\tU",
                "1\tf\t2026-01-31\tb\tc\t1.0\ta\t₪\tn\t1\t1\tU\tU",
                "1\tf\t2026-01-31\tb\tc\t-0.00\ta\t₪\tn\t1\t1\tU\tU",
                "1\tf\t2026-01-31\tb\tc\t00.10\ta\t₪\tn\t1\t1\tU\tU",
                "1\tf\t2026-01-31\tb\tc\t123456789.10\ta\t₪\tn\t1\t1\tU\tU",
                "1\tf\t2026-01-31\tb\tc\tNaN\ta\t₪\tn\t1\t1\tU\tU",
                "1\tf\t2026-01-31\tb\tc\t1.00\ta\t\\N\tn\t1\t1\tU\tU",
                "1\tf\t2026-01-31\tb\tc\t1.00\ta\t₪\tn\t-1\t1\tU\tU",
                "1\tf\t2026-01-31\tb\tc\t1.00\ta\t₪\tn\t1\t1\tX\tU",
                "1\tf\t2026-01-31\tb\tc\t1.00\ta\t₪\tn\t1\t1\tU\tU\tU",
                "1\tf\t2026-01-31\tc\t1.00\ta\t₪\tn\t1\t1\tU\tU",
                "1\tt\t2026-01-31\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t1\t1\tU\t\\N",
                "1\tt\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\t1\t1\t\\N\t\\N",
            })
    void a_line_that_is_no_row_is_refused_without_quoting_it(String line) {
        byte[] bytes = line.replace("U", CHANGE).getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> new RowLine(Kind.EXPENSE).read(bytes, 0, bytes.length))
                .isInstanceOf(MalformedRow.class)
                .message()
                .doesNotContain("₪")
                .isNotEmpty();
    }

    @Test
    void any_changed_byte_of_a_live_row_changes_its_digest_or_is_refused_or_is_not_of_its_values() throws Exception {
        StringBuilder text = new StringBuilder();
        Entry entry = new Entry(4_711, LocalDate.of(2026, 1, 31), "b\tb", "c", 15_816, "a", "₪", "n\\n");
        RowText.append(
                Kind.EXPENSE,
                new EntryImage(4_711, 2, 1, new UUID(1, 2), false, EntryDigest.of(entry), EntryValues.of(entry)),
                text);
        byte[] line = text.toString().getBytes(StandardCharsets.UTF_8);
        int values = text.indexOf("\t2\t1\t") + 1;
        for (int i = 0; i < values; i++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] flipped = line.clone();
                flipped[i] ^= (byte) (1 << bit);
                RowLine read = new RowLine(Kind.EXPENSE);
                try {
                    read.read(flipped, 0, line.length - 1);
                    assertThat(read.deleted() || !read.asRecorded()).isTrue();
                } catch (MalformedRow refused) {
                    assertThat(refused.getMessage()).isNotEmpty();
                }
            }
        }
    }
}
