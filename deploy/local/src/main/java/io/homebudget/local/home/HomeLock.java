package io.homebudget.local.home;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One {@code up} per home. The operating system lets go of the lock when its holder dies, however it dies. */
public final class HomeLock implements AutoCloseable {
    private final FileChannel channel;

    private HomeLock(FileChannel channel) {
        this.channel = channel;
    }

    public static HomeLock take(Home home) {
        Path file = home.run().resolve("up.lock");
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw taken(home, channel);
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
            return new HomeLock(channel);
        } catch (OverlappingFileLockException e) {
            throw taken(home, channel);
        } catch (IOException e) {
            throw new Refused("The lock " + file + " cannot be taken: " + e.getMessage());
        }
    }

    private static Refused taken(Home home, FileChannel channel) {
        ByteBuffer pid = ByteBuffer.allocate(32);
        try {
            channel.read(pid, 0);
        } catch (IOException e) {
            pid.clear();
        }
        return new Refused("Another up (process "
                + new String(pid.array(), 0, pid.position(), StandardCharsets.US_ASCII).strip()
                + ") runs on the home " + home.folder()
                + ". Stop it with deploy/local/ctl --home " + home.folder() + " down, or choose another --home.");
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
