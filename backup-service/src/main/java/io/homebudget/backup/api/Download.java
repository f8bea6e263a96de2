package io.homebudget.backup.api;

import io.homebudget.backup.catalogue.Catalogue;
import io.homebudget.backup.format.Manifest;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/** A snapshot's folder as one tar.gz, streamed: nothing is kept in memory or written beside. */
final class Download implements StreamingOutput {
    private static final int PRIVATE = 0100600;
    /** The large files are packed already. */
    private static final int LEVEL = 1;

    private static final int BUFFER = 1 << 16;

    private final Catalogue catalogue;
    private final Manifest manifest;

    Download(Catalogue catalogue, Manifest manifest) {
        this.catalogue = catalogue;
        this.manifest = manifest;
    }

    @Override
    public void write(OutputStream out) throws IOException {
        GzipParameters parameters = new GzipParameters();
        parameters.setCompressionLevel(LEVEL);
        parameters.setBufferSize(BUFFER);
        List<String> paths = new ArrayList<>(List.of(Manifest.FILE, Manifest.SUMS));
        manifest.files().forEach(file -> paths.add(file.path()));
        // held only now: an answer that is never written must not hold it for ever
        try (Catalogue.Hold hold = catalogue
                        .hold(manifest.id())
                        .orElseThrow(() -> new IOException("snapshot " + manifest.id() + " was just removed"));
                TarArchiveOutputStream tar =
                        new TarArchiveOutputStream(new GzipCompressorOutputStream(out, parameters), "UTF-8")) {
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            for (String path : paths) {
                Path file = hold.folder().resolve(path);
                TarArchiveEntry entry = new TarArchiveEntry(manifest.id() + "/" + path);
                entry.setSize(Files.size(file));
                entry.setMode(PRIVATE);
                entry.setModTime(FileTime.from(manifest.createdAt()));
                tar.putArchiveEntry(entry);
                Files.copy(file, tar);
                tar.closeArchiveEntry();
            }
        }
    }
}
