package io.homebudget.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class FigureTest {

    @Test
    void the_limit_itself_reaches_unless_the_contract_says_less_than() {
        assertThat(Figure.CREATE_PUBLISHING.reachedBy(0.4)).isTrue();
        assertThat(Figure.CREATE_PUBLISHING.reachedBy(0.399)).isFalse();
        assertThat(Figure.BACKFILL.reachedBy(1.5)).isTrue();
        assertThat(Figure.BACKFILL.reachedBy(1.501)).isFalse();
        assertThat(Figure.LIST_JSON.reachedBy(64)).isFalse();
        assertThat(Figure.LIST_JSON.reachedBy(63.9)).isTrue();
    }

    @Test
    void a_word_names_one_figure_or_all_that_begin_with_it() {
        assertThat(Figure.named(List.of("stall"))).containsExactly(Figure.STALL);
        assertThat(Figure.named(List.of("memory", "backfill")))
                .containsExactlyInAnyOrder(
                        Figure.MEMORY_10K,
                        Figure.MEMORY_MILLION,
                        Figure.MEMORY_MIGRATION,
                        Figure.MEMORY_BACKUP,
                        Figure.BACKFILL);
        assertThat(Figure.named(List.of("snapshot", "restore-empty")))
                .containsExactly(Figure.SNAPSHOT, Figure.SNAPSHOT_P99, Figure.RESTORE_EMPTY);
        assertThat(Figure.named(List.of("create"))).hasSize(7);
    }

    @Test
    void an_unknown_word_is_answered_with_the_known_ones() {
        assertThatThrownBy(() -> Figure.named(List.of("creat")))
                .hasMessageContaining("creat;")
                .hasMessageContaining("create-publishing");
    }
}
