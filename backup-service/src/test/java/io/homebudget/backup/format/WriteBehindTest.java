package io.homebudget.backup.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WriteBehindTest {

    @Test
    void everythingArrivesInItsOrder() throws Exception {
        Random random = new Random(1);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        ByteArrayOutputStream behind = new ByteArrayOutputStream();
        try (OutputStream out = new WriteBehind(behind)) {
            for (int i = 0; i < 400; i++) {
                byte[] bytes = new byte[random.nextInt(i % 50 == 0 ? 1_000_000 : 5_000)];
                random.nextBytes(bytes);
                out.write(bytes);
                out.write(i);
                expected.write(bytes);
                expected.write(i);
            }
        }
        assertThat(behind.toByteArray()).isEqualTo(expected.toByteArray());
    }

    @Test
    void aFullDiskIsToldAndTheFileIsClosedAllTheSame() throws Exception {
        AtomicBoolean closed = new AtomicBoolean();
        OutputStream full = new OutputStream() {
            @Override
            public void write(int oneByte) throws IOException {
                throw new IOException("no space left");
            }

            @Override
            public void close() {
                closed.set(true);
            }
        };
        // one byte: it is told by nothing but the close
        OutputStream out = new WriteBehind(full);
        out.write(1);
        assertThatThrownBy(out::close).isInstanceOf(IOException.class).hasMessage("no space left");
        assertThat(closed).isTrue();
    }

    @Test
    void whoIsInterruptedMeanwhileStaysInterruptedAndNothingIsLost() throws Exception {
        ByteArrayOutputStream behind = new ByteArrayOutputStream();
        OutputStream out = new WriteBehind(behind);
        out.write(new byte[1_000_000]);
        Thread.currentThread().interrupt();
        out.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(behind.size()).isEqualTo(1_000_000);
    }
}
