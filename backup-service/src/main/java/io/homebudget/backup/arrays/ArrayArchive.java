package io.homebudget.backup.arrays;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.homebudget.backup.format.Flaw;
import io.homebudget.backup.format.StoreImage;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Amounts;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.IsoDate;
import io.homebudget.ledger.entry.Kind;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;

/** {@code json_backup_YYYYMMDD_HHMMSS.tar.gz}: the array files as the old backend reads and writes them. */
public final class ArrayArchive {
    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("yyyyMMdd_HHmmss").withZone(ZoneOffset.UTC);
    /** The fastest: the archive is for people who have nothing but tar, the packed exports beside it are the small ones. */
    private static final int LEVEL = 1;

    private static final int BUFFER = 1 << 16;
    /** Modes 600: what is unpacked is private too. */
    private static final int PRIVATE = 0100600;

    private static final JsonFactory JSON = new JsonFactory();

    private ArrayArchive() {}

    /** Where the archive of a snapshot lies within it. */
    public static String path(Instant at) {
        return "json/json_backup_" + SECOND.format(at) + ".tar.gz";
    }

    public static void write(Map<Kind, ArrayRows> arrays, Instant at, OutputStream out) throws IOException {
        GzipParameters parameters = new GzipParameters();
        parameters.setCompressionLevel(LEVEL);
        parameters.setBufferSize(BUFFER);
        try (TarArchiveOutputStream tar =
                new TarArchiveOutputStream(new GzipCompressorOutputStream(out, parameters), "UTF-8")) {
            // sizes beyond 8 GB in a form that GNU tar and the BSDs read
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            for (Map.Entry<Kind, ArrayRows> array : arrays.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(array.getKey().arrayFileName());
                entry.setSize(array.getValue().length());
                entry.setMode(PRIVATE);
                entry.setModTime(FileTime.from(at));
                tar.putArchiveEntry(entry);
                array.getValue().writeTo(tar);
                tar.closeArchiveEntry();
            }
        }
    }

    /** What is wrong with an archive that shall hold the same live entries as these images of JSON stores. */
    public static List<Flaw> check(Path folder, String path, List<StoreImage> images) throws IOException {
        List<Flaw> flaws = new ArrayList<>();
        Set<Kind> missing = EnumSet.noneOf(Kind.class);
        images.forEach(image -> missing.add(image.kind()));
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new GzipCompressorInputStream(
                new BufferedInputStream(Files.newInputStream(folder.resolve(path)), BUFFER)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                StoreImage image = named(images, entry.getName());
                if (image == null || !missing.remove(image.kind())) {
                    flaws.add(new Flaw(path, entry.getName(), "it does not belong into this archive"));
                } else {
                    checkArray(tar, path, image).ifPresent(flaws::add);
                }
            }
        } catch (IOException e) {
            flaws.add(new Flaw(path, "", "it cannot be unpacked: " + e.getMessage()));
            return flaws;
        }
        missing.forEach(kind -> flaws.add(new Flaw(path, kind.arrayFileName(), "it is missing")));
        return flaws;
    }

    /** Null where no image has such a file. */
    private static StoreImage named(List<StoreImage> images, String name) {
        return images.stream()
                .filter(one -> one.kind().arrayFileName().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static Optional<Flaw> checkArray(InputStream in, String path, StoreImage image) throws IOException {
        String name = image.kind().arrayFileName();
        long count = 0;
        long high = 0;
        long low = 0;
        try (JsonParser parser = JSON.createParser(in)) {
            // the next file of the archive follows in the same stream
            parser.disable(JsonParser.Feature.AUTO_CLOSE_SOURCE);
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                return Optional.of(new Flaw(path, name, "it is not an array"));
            }
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                UUID digest = EntryDigest.of(entry(parser));
                high ^= digest.getMostSignificantBits();
                low ^= digest.getLeastSignificantBits();
                count++;
            }
        } catch (JsonProcessingException e) {
            String line =
                    e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr();
            return Optional.of(new Flaw(path, name + line, "it is not JSON"));
        } catch (RuntimeException e) {
            // its message could hold an entry's values
            return Optional.of(new Flaw(path, name + ", entry " + (count + 1), "it is not an entry"));
        }
        if (count != image.entries() || !new UUID(high, low).equals(image.digest())) {
            return Optional.of(new Flaw(
                    path,
                    name,
                    "it holds " + count + " entries with another digest or count than the image's " + image.entries()));
        }
        return Optional.empty();
    }

    private static Entry entry(JsonParser parser) throws IOException {
        long id = 0;
        long cents = 0;
        LocalDate date = null;
        String business = null;
        String category = null;
        String account = null;
        String currency = null;
        String notes = null;
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
            parser.nextToken();
            switch (field) {
                case "id" -> id = parser.getLongValue();
                case "amount" -> cents = Amounts.ofDecimal(new BigDecimal(parser.getText()));
                case "date" -> date = IsoDate.parse(parser.getText());
                case "business" -> business = parser.getValueAsString();
                case "category" -> category = parser.getValueAsString();
                case "account" -> account = parser.getValueAsString();
                case "currency" -> currency = parser.getValueAsString();
                case "notes" -> notes = parser.getValueAsString();
                default -> throw new IllegalArgumentException("a key that no entry has");
            }
        }
        return new Entry(id, date, business, category, cents, account, currency, notes);
    }
}
