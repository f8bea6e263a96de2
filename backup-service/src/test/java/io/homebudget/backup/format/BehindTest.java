package io.homebudget.backup.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BehindTest {
    @Test
    void onePieceIsWorkedAtWhileTheNextIsPreparedAndNoMore() throws Exception {
        CountDownLatch prepared = new CountDownLatch(1);
        List<Integer> done = new ArrayList<>();
        try (Behind behind = new Behind("test")) {
            behind.handOver(() -> prepared.await(30, TimeUnit.SECONDS) && done.add(1));
            // it is on its way, and this goes on
            prepared.countDown();
            behind.handOver(() -> done.add(2));
            behind.arrived();

            assertThat(done).containsExactly(1, 2);
        }
    }

    @Test
    void aFailureIsToldAsItIsAndNothingIsWorkedAtAfterIt() throws Exception {
        List<Integer> done = new ArrayList<>();
        IllegalStateException bug = new IllegalStateException("bug");
        Behind behind = new Behind("test");
        behind.handOver(() -> {
            throw bug;
        });

        assertThatThrownBy(() -> behind.handOver(() -> done.add(1))).isSameAs(bug);
        assertThatThrownBy(() -> behind.handOver(() -> done.add(2)))
                .isInstanceOf(IOException.class)
                .hasCause(bug);
        assertThatThrownBy(behind::arrived).isInstanceOf(IOException.class).hasCause(bug);
        assertThatCode(behind::close).as("it was told").doesNotThrowAnyException();
        assertThat(done).isEmpty();
    }

    @Test
    void aFailureThatNobodyWaitedForIsToldByClosing() throws Exception {
        Behind behind = new Behind("test");
        behind.handOver(() -> {
            throw new IOException("full");
        });

        assertThatThrownBy(behind::close).hasMessage("full");
    }

    @Test
    void behindAFailedPieceNothingIsWritten() throws Exception {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        OutputStream failing = new OutputStream() {
            private int pieces;

            @Override
            public void write(int oneByte) {
                written.write(oneByte);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                if (++pieces == 2) {
                    throw new IOException("full");
                }
                written.write(bytes, from, length);
            }
        };
        byte[] piece = new byte[256 << 10];

        assertThatThrownBy(() -> {
                    try (WriteBehind behind = new WriteBehind(failing)) {
                        for (int i = 0; i < 5; i++) {
                            behind.write(piece);
                        }
                    }
                })
                .hasMessage("full");
        assertThat(written.size()).isEqualTo(piece.length);
    }
}
