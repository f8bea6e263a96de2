package io.homebudget.ledger.rows;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteScanTest {

    @Test
    void finds_what_a_look_at_each_byte_finds() {
        Random random = new Random(5);
        // bytes beside the wanted ones, and those with the highest bit: a borrow or a sign would find them as well
        byte[] pool = {'\n', '\t', '\b', 0x0b, 0, 1, -1, (byte) 0x89, (byte) 0x8a, 'a', 'a', 'a', 'a', 'a', 'a', 'a'};
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            for (int at = 0; at < bytes.length; at++) {
                bytes[at] = pool[random.nextInt(pool.length)];
            }
            int from = random.nextInt(bytes.length + 1);
            int to = from + random.nextInt(bytes.length - from + 1);

            assertThat(ByteScan.find(bytes, from, to, '\n')).isEqualTo(byEach(bytes, from, to, '\n', '\n'));
            assertThat(ByteScan.find(bytes, from, to, '\n', '\t')).isEqualTo(byEach(bytes, from, to, '\n', '\t'));
        }
    }

    @Test
    void a_piece_is_found_wherever_it_stands_and_nowhere_else() {
        byte[] piece = "\"id\":12,".getBytes(StandardCharsets.US_ASCII);

        for (String holds : List.of("\"id\":12,", "x\"id\":12,", "\"id\":1\"id\":12,3", "\"\"\"id\":12,")) {
            assertThat(ByteScan.contains(holds.getBytes(StandardCharsets.US_ASCII), piece))
                    .isTrue();
        }
        for (String lacks : List.of("", "\"id\":12", "\"id\":123,", "\"ids\":12,", "\"id\":1\"id\":2,")) {
            assertThat(ByteScan.contains(lacks.getBytes(StandardCharsets.US_ASCII), piece))
                    .isFalse();
        }
    }

    private static int byEach(byte[] bytes, int from, int to, char one, char other) {
        int at = from;
        while (at < to && bytes[at] != one && bytes[at] != other) {
            at++;
        }
        return at;
    }
}
