package io.homebudget.ledger.storage.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The texts of the migrations and of their undo scripts, which lie beside them under the same name with {@code U} in the place of
 * {@code V}.
 *
 * <p>A migration that the service works without says so in a line of its own: {@value #WAITS}. Who writes that has made sure
 * that no statement of the service needs what the migration does; then it may be taken back, too.
 */
final class Scripts {
    static final String WAITS = "-- outdated: safe";

    private static final String CLASSPATH = "classpath:";
    private static final String FILESYSTEM = "filesystem:";

    private final String location;

    /** @param location as Flyway takes it, {@code classpath:} or {@code filesystem:} */
    Scripts(String location) {
        if (!location.startsWith(CLASSPATH) && !location.startsWith(FILESYSTEM)) {
            throw new IllegalArgumentException("migrations lie on the classpath or in a folder, not at " + location);
        }
        this.location = location;
    }

    /** @param script the file's name, as Flyway tells it */
    Optional<String> text(String script) {
        try {
            if (location.startsWith(FILESYSTEM)) {
                Path file = Path.of(location.substring(FILESYSTEM.length())).resolve(script);
                return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
            }
            String resource = location.substring(CLASSPATH.length()) + "/" + script;
            try (InputStream in = loader().getResourceAsStream(resource)) {
                return in == null
                        ? Optional.empty()
                        : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the migration " + script + " cannot be read", e);
        }
    }

    private static ClassLoader loader() {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        return loader == null ? Scripts.class.getClassLoader() : loader;
    }

    /** The script that takes a step back. @param script of the step */
    Optional<String> undo(String script) {
        return script.startsWith("V") ? text("U" + script.substring(1)) : Optional.empty();
    }

    boolean worksWithout(String script) {
        return text(script).map(Scripts::says).orElse(false);
    }

    private static boolean says(String text) {
        return text.lines().anyMatch(line -> line.strip().equals(WAITS));
    }
}
