package io.homebudget.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultTableTest {
    private static final List<Outcome> OUTCOMES = List.of(
            Outcome.of(Figure.CREATE_PUBLISHING, 0.512, "5120/s over 10000/s", Map.of("rounds", List.of(1, 2))),
            Outcome.of(Figure.STALL, 312.4, "", Map.of()),
            Outcome.unsound(Figure.EVENT_LATENCY, 7.25, "3 missing", Map.of()),
            Outcome.notMeasured(Figure.BACKFILL, "the stack did not start"));

    @Test
    void every_figure_has_its_number_its_limit_and_its_verdict() {
        String table = ResultTable.render(OUTCOMES);

        assertThat(table).isEqualTo("""
                figure                                                          measured      reach  reached
                --------------------------------------------------------------  --------  ---------  ------------
                create in DATABASE_ONLY, publishing / bare insert                   0.51    >= 0.40  yes
                    5120/s over 10000/s
                longest stall in a phase change, 500 writes/s, 100,000 entries    312 ms  <= 250 ms  no
                acknowledged to readable in Kafka, p99 at 1,000 writes/s          7.3 ms  <= 100 ms  not sound
                    3 missing
                backfill of 1,000,000, validated / COPY, time                          -    <= 1.50  not measured
                    the stack did not start
                """);
    }

    @Test
    void a_number_that_is_not_sound_never_reaches() {
        assertThat(OUTCOMES).extracting(Outcome::reached).containsExactly(true, false, false, false);
    }

    @Test
    void the_files_hold_the_table_and_the_raw_numbers(@TempDir Path folder) throws Exception {
        Path text = ResultFile.write(folder, "bench-1", Map.of("processors", 2), OUTCOMES);

        assertThat(Files.readString(text)).contains("processors=2").contains(ResultTable.render(OUTCOMES));
        JsonNode tree =
                new ObjectMapper().readTree(folder.resolve("bench-1.json").toFile());
        assertThat(tree.at("/machine/processors").asInt()).isEqualTo(2);
        assertThat(tree.at("/figures/0/name").asText()).isEqualTo("create-publishing");
        assertThat(tree.at("/figures/0/measured").asDouble()).isEqualTo(0.512);
        assertThat(tree.at("/figures/0/raw/rounds/1").asInt()).isEqualTo(2);
        assertThat(tree.at("/figures/3/measured").isNull()).isTrue();
        assertThat(tree.at("/figures/3/reached").asBoolean()).isFalse();
    }
}
