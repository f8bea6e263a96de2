package io.homebudget.backup.format;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Takes the sums of a file's bytes as they are written to it, in any pieces, and keeps none of them. Memory is one checksum per
 * {@link FileSum#BLOCK}.
 */
public final class FileSummer extends OutputStream {
    private final MessageDigest sha256 = sha256();
    private final CRC32C block = new CRC32C();
    private final List<String> blocks = new ArrayList<>();
    private long bytes;

    @Override
    public void write(int oneByte) {
        write(new byte[] {(byte) oneByte}, 0, 1);
    }

    @Override
    public void write(byte[] piece, int from, int length) {
        sha256.update(piece, from, length);
        int at = from;
        int left = length;
        while (left > 0) {
            int room = (int) (FileSum.BLOCK - bytes % FileSum.BLOCK);
            int taken = Math.min(room, left);
            block.update(piece, at, taken);
            bytes += taken;
            at += taken;
            left -= taken;
            if (taken == room) {
                endBlock();
            }
        }
    }

    /** To be called once, after the last piece. */
    public FileSum finish(String path) {
        if (bytes % FileSum.BLOCK != 0) {
            endBlock();
        }
        return new FileSum(path, bytes, HexFormat.of().formatHex(sha256.digest()), blocks);
    }

    private void endBlock() {
        blocks.add(String.format("%08x", block.getValue()));
        block.reset();
    }

    /** Reads a whole file. */
    public static FileSum of(Path folder, String path) throws IOException {
        FileSummer summer = new FileSummer();
        try (InputStream in = Files.newInputStream(folder.resolve(path))) {
            in.transferTo(summer);
        }
        return summer.finish(path);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no SHA-256, which every Java platform must have", e);
        }
    }
}
