package io.homebudget.backup.format;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * What a file of a snapshot must be, byte by byte.
 *
 * @param path within the snapshot, with {@code /}
 * @param blocks the CRC-32C of each {@link #BLOCK} bytes, the last one of what is left: where SHA-256 only says that a file is
 *     damaged, these say where
 */
@JsonNaming(SnakeCaseStrategy.class)
public record FileSum(String path, long bytes, String sha256, List<String> blocks) {
    /** Small enough to name a place, large enough that a million entries need about sixty. */
    public static final int BLOCK = 1 << 20;

    public FileSum {
        if (path == null || path.isEmpty() || path.startsWith("/") || path.contains("..") || path.contains("\\")) {
            throw new IllegalArgumentException("a file's path must lie within the snapshot");
        }
        if (bytes < 0 || sha256 == null) {
            throw new IllegalArgumentException(path + " has no length or no checksum");
        }
        blocks = List.copyOf(blocks);
    }
}
