package io.homebudget.ledger.storage.json;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.homebudget.ledger.internal.WayBackClosing;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * That a folder's JSON store was given up: the one file that decides it. While it is there, nothing of the folder is read as a
 * ledger and no new store is begun in it.
 *
 * @param finished false while files of the store may still lie there
 * @param epoch of the rule in which it was given up, always {@code DATABASE_ONLY}
 * @param archive the archive's name in the folder {@code archive}; {@code archiveBytes} its length
 */
@JsonNaming(SnakeCaseStrategy.class)
public record GivenUp(
        int format,
        boolean finished,
        UUID identity,
        long epoch,
        long position,
        long ruledFrom,
        long rejected,
        String archive,
        long archiveBytes,
        @JsonProperty("closed_at") Instant at,
        @JsonProperty("closed_by") String by,
        String reason) {
    static final int FORMAT = 1;
    static final String FILE = "given-up.json";

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    /** @return empty where the store was not given up */
    static Optional<GivenUp> read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        GivenUp found;
        try {
            found = JSON.readValue(Files.readAllBytes(file), GivenUp.class);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new RecoveryRequired(
                    file,
                    -1,
                    "it cannot be read",
                    "It says that the JSON store was given up: put it back from a copy.");
        }
        if (found.format() != FORMAT) {
            throw new RecoveryRequired(
                    file,
                    -1,
                    "it has format " + found.format() + ", known is " + FORMAT,
                    "Start a newer version of the service.");
        }
        return Optional.of(found);
    }

    /** Durable when this returns. */
    void write(Path folder, Disk disk) throws IOException {
        Path beside = folder.resolve(FILE + ".tmp");
        disk.delete(beside);
        try (Disk.Writable file = disk.open(beside)) {
            file.append(ByteBuffer.wrap(JSON.writeValueAsBytes(this)));
            file.force();
        }
        disk.rename(beside, folder.resolve(FILE));
        disk.forceFolder(folder);
    }

    GivenUp done() {
        return new GivenUp(
                format, true, identity, epoch, position, ruledFrom, rejected, archive, archiveBytes, at, by, reason);
    }

    Rule rule() {
        return new Rule(epoch, Phase.DATABASE_ONLY);
    }

    Path archiveIn(Path folder) {
        return folder.resolve(Archive.FOLDER).resolve(archive);
    }

    /** The same for callers outside. */
    public WayBackClosing.Done told(Path folder) {
        return new WayBackClosing.Done(archiveIn(folder).toAbsolutePath().toString(), position, at, by, reason);
    }
}
