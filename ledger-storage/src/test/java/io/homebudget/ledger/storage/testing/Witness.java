package io.homebudget.ledger.storage.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Sees for how long JVM, machine or disk stood still, so that the time a test allows the product is the product's alone. A thread
 * asks for a millisecond again and again, and now and then for a byte to be on disk; what it waits in excess, others waited too.
 */
public final class Witness implements AutoCloseable {
    private static final long ROUND_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    /** Shorter waits are how every machine is, and the product's own business. */
    private static final long ORDINARY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    /** Rounds between two looks at the disk: often enough to meet a stall of 50 ms, too rarely to be a load. */
    private static final int DISK_ROUNDS = 20;

    private final FileChannel disk;
    private final Thread thread = new Thread(this::look, "witness");
    private long stoodNanos;
    private long roundBegan = System.nanoTime();
    private volatile boolean closed;

    public Witness() {
        try {
            disk = FileChannel.open(
                    Files.createTempFile("witness", null),
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread.setDaemon(true);
        thread.start();
    }

    /** From now on until it is asked. */
    public Span begin() {
        return new Span(System.nanoTime(), stood());
    }

    /** A time that began at some moment and goes on. */
    public final class Span {
        private final long beganAt;
        private final long stoodBefore;

        private Span(long beganAt, long stoodBefore) {
            this.beganAt = beganAt;
            this.stoodBefore = stoodBefore;
        }

        /** How long the machine has stood still since then. */
        public Duration stood() {
            return Duration.ofNanos(Witness.this.stood() - stoodBefore);
        }

        /** How long it has moved since then. */
        public Duration elapsed() {
            return Duration.ofNanos(System.nanoTime() - beganAt).minus(stood());
        }
    }

    /** A round that has not ended counts too: who measures may have been let go before this thread. */
    private synchronized long stood() {
        return stoodNanos + excess(System.nanoTime());
    }

    private long excess(long now) {
        long excess = now - roundBegan - ROUND_NANOS;
        return excess > ORDINARY_NANOS ? excess : 0;
    }

    private synchronized void roundEnded() {
        long now = System.nanoTime();
        stoodNanos += excess(now);
        roundBegan = now;
    }

    private void look() {
        for (long round = 0; !closed; round++) {
            LockSupport.parkNanos(ROUND_NANOS);
            if (round % DISK_ROUNDS == 0) {
                lookAtDisk();
            }
            roundEnded();
        }
    }

    private void lookAtDisk() {
        try {
            disk.write(ByteBuffer.wrap(new byte[1]), 0);
            disk.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
            disk.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
