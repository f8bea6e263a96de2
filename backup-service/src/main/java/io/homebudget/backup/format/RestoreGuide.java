package io.homebudget.backup.format;

import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Field;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.StoreName;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** {@code RESTORE.md}: how a person takes this very snapshot back with psql and a text editor, when nothing of ours runs. */
final class RestoreGuide {
    private RestoreGuide() {}

    static String text(Manifest manifest) {
        List<String> archives = manifest.files().stream()
                .map(FileSum::path)
                .filter(path -> path.endsWith(".tar.gz"))
                .toList();
        StringBuilder out = new StringBuilder(template("restore-guide.md")
                .replace("@id@", manifest.id().text())
                .replace("@created@", manifest.createdAt().toString())
                .replace("@reason@", manifest.reason().word()));
        for (StoreImage image : manifest.images()) {
            out.append("- `").append(image.file()).append("`: ").append(image.entries());
            out.append(" entries and ").append(image.tombstones()).append(" tombstones of the ");
            out.append(image.store() == StoreName.JSON ? "JSON" : "PostgreSQL").append(" store of the ");
            out.append(image.kind().plural()).append(image.primary() ? ", which ruled" : ", which followed");
            out.append(", in phase ")
                    .append(image.phase())
                    .append(", at position ")
                    .append(image.position());
            out.append('\n');
        }
        for (String archive : archives) {
            out.append(template("restore-guide-json.md").replace("@archive@", archive));
        }
        for (StoreImage image : manifest.images()) {
            if (image.primary()) {
                out.append(section(image));
            }
        }
        return out.toString();
    }

    private static String section(StoreImage image) {
        Kind kind = image.kind();
        boolean business = kind.has(Field.BUSINESS);
        return template("restore-guide-postgres.md")
                .replace("@file@", image.file())
                .replace("@kind@", kind.word())
                .replace("@table@", kind.plural())
                .replace("@business-column@", business ? "\n    business VARCHAR(255)," : "")
                .replace("@business@", business ? " business," : "")
                .replace("@business-row@", business ? "\n    business TEXT," : "")
                .replace("@business-pair@", business ? "'business', business, " : "")
                .replace("@entries@", Long.toString(image.entries()))
                .replace("@digest@", image.digest().toString().replace("-", ""))
                .replace("@expression@", EntryDigest.sqlExpression("e", business));
    }

    private static String template(String name) {
        try (InputStream in = RestoreGuide.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
