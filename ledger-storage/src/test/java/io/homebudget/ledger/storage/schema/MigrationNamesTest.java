package io.homebudget.ledger.storage.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Kind;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Flyway passes over a file that is misnamed, so nobody would notice that a migration is missing. */
class MigrationNamesTest {

    @ParameterizedTest
    @EnumSource(Kind.class)
    void every_script_is_a_migration_or_the_undo_script_of_one(Kind kind) throws Exception {
        List<String> names = scripts(kind);
        assertThat(names).contains("V1__ledger.sql").allMatch(name -> name.matches("[VU]\\d+__[a-z_]+\\.sql"));
        assertThat(names.stream().filter(name -> name.startsWith("U")))
                .allSatisfy(undo -> assertThat(names).contains("V" + undo.substring(1)));
    }

    private static List<String> scripts(Kind kind) throws URISyntaxException, IOException {
        Path folder = Path.of(
                MigrationNamesTest.class.getResource("/db/" + kind.word()).toURI());
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
