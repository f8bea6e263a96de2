package io.homebudget.ledger.storage.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordedRuleTest {
    @TempDir
    Path home;

    @Test
    void the_latest_rule_counts_whether_it_stands_in_the_journal_or_in_a_checkpoint_and_nothing_is_changed()
            throws IOException {
        Path folder = home.resolve("data");
        Rule dual = new Rule(2, Phase.DUAL_WRITE);
        Rule reads = new Rule(3, Phase.DATABASE_READS);
        JsonStore store = Stores.ruling(folder);
        assertThat(recorded(folder)).contains(Stores.FIRST);

        Stores.await(store.decide(Stores.FIRST, dual));
        assertThat(recorded(folder)).contains(dual);
        Stores.await(store.checkpoint());
        assertThat(recorded(folder)).contains(dual);
        Stores.await(store.decide(dual, reads));
        assertThat(recorded(folder)).contains(reads);
        store.close();

        assertThat(recorded(folder)).contains(reads);
        Stores.open(folder).close();
    }

    @Test
    void a_folder_that_no_service_ruled_from_records_none() throws IOException {
        assertThat(recorded(home.resolve("nowhere"))).isEmpty();
        Path old = Files.createDirectories(home.resolve("old"));
        Files.writeString(old.resolve("expenses.json"), "[]");
        assertThat(recorded(old)).isEmpty();
        assertThat(old).isDirectoryContaining("glob:**/expenses.json").isDirectoryNotContaining("glob:**/ledger.lock");
    }

    @Test
    void a_folder_whose_store_was_given_up_records_DATABASE_ONLY() throws IOException {
        Path folder = Files.createDirectories(home.resolve("data"));
        new GivenUp(1, true, UUID.randomUUID(), 4, 9, 1, 0, "a.tar.gz", 1, Instant.EPOCH, "me", "test")
                .write(folder, Disk.REAL);
        assertThat(recorded(folder)).contains(new Rule(4, Phase.DATABASE_ONLY));
    }

    @Test
    void a_damaged_journal_is_said_because_a_later_rule_may_stand_behind_the_damage() throws IOException {
        Path folder = home.resolve("data");
        JsonStore store = Stores.ruling(folder);
        Stores.created(store, "one");
        Stores.created(store, "two");
        store.close();
        Path journal = Stores.named(folder, "journal-").get(0);
        byte[] bytes = Files.readAllBytes(journal);
        bytes[bytes.length / 2] ^= 1;
        Files.write(journal, bytes, StandardOpenOption.TRUNCATE_EXISTING);

        assertThatThrownBy(() -> recorded(folder))
                .isInstanceOf(RecoveryRequired.class)
                .hasMessageContaining(journal.getFileName().toString());
    }

    private static Optional<Rule> recorded(Path folder) throws IOException {
        return RecordedRule.of(folder, Kind.EXPENSE);
    }
}
