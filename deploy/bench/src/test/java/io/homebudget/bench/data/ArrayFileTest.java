package io.homebudget.bench.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.homebudget.ledger.entry.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrayFileTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @Test
    void both_files_are_arrays_as_the_old_backend_leaves_them() throws Exception {
        ArrayFile.importFolder(folder, 500, 1);

        String expenses = Files.readString(folder.resolve("expenses.json"));
        assertThat(expenses).startsWith("[\n  {\n    \"date\": \"").endsWith("\n  }\n]");
        assertThat(expenses).matches("\\p{ASCII}*");
        JsonNode entries = JSON.readTree(expenses);
        assertThat(entries).hasSize(500);
        assertThat(entries.get(0).get("id").asLong()).isEqualTo(1);
        assertThat(entries.get(499).get("id").asLong()).isEqualTo(500);
        assertThat(JSON.readTree(folder.resolve("incomes.json").toFile())).hasSize(1);
    }

    @Test
    void no_entries_are_an_empty_array() throws Exception {
        Path file = folder.resolve("expenses.json");

        ArrayFile.write(file, Kind.EXPENSE, 0, 1);

        assertThat(Files.readString(file)).isEqualTo("[]");
    }

    @Test
    void the_same_seed_gives_the_same_bytes() throws Exception {
        ArrayFile.write(folder.resolve("a"), Kind.EXPENSE, 200, 42);
        ArrayFile.write(folder.resolve("b"), Kind.EXPENSE, 200, 42);

        assertThat(folder.resolve("a")).hasSameBinaryContentAs(folder.resolve("b"));
    }

    @Test
    void bodies_of_creates_are_json_with_all_required_fields() throws Exception {
        for (String body : new EntryGenerator(3).bodies(200)) {
            JsonNode entry = JSON.readTree(body);
            assertThat(entry.path("date").asText()).matches("\\d{4}-\\d{2}-\\d{2}");
            assertThat(entry.path("amount").isNumber()).isTrue();
            assertThat(entry.path("category").asText()).isNotEmpty();
            assertThat(entry.path("account").asText()).isNotEmpty();
            assertThat(entry.has("id")).isFalse();
        }
    }
}
