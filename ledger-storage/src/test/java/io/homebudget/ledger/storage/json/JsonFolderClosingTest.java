package io.homebudget.ledger.storage.json;

import static io.homebudget.ledger.storage.json.Stores.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.journal.RecoveryRequired;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonFolderClosingTest {
    private static final Rule ALONE = new Rule(4, Phase.DATABASE_ONLY);

    @TempDir
    Path home;

    @Test
    void the_end_does_not_wait_for_ever_for_a_give_up_and_leaves_it_the_folder() throws Exception {
        FaultyDisk disk = new FaultyDisk();
        JsonFolder folder =
                JsonFolder.open(Stores.config(home), Clock.systemUTC(), UUID::randomUUID, Stores::take, disk);
        JsonStore store = folder.live().orElseThrow();
        await(store.adopt(ALONE));
        await(store.checkpoint());
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        disk.before = (call, file) -> {
            if (call == FaultyDisk.Call.RENAME && file.equals(GivenUp.FILE)) {
                reached.countDown();
                return passed(goOn);
            }
            return true;
        };
        CompletableFuture<Object> givenUp = CompletableFuture.supplyAsync(() -> {
            try {
                return folder.giveUp(ALONE, 0, "operator", "no more files");
            } catch (IOException e) {
                return e;
            }
        });
        assertThat(passed(reached)).isTrue();

        assertThat(folder.close(Duration.ofMillis(50))).isFalse();

        assertThatThrownBy(() -> FolderLock.take(home)).isInstanceOf(RecoveryRequired.class);
        goOn.countDown();
        assertThat(givenUp.get(30, TimeUnit.SECONDS)).isNotInstanceOf(IOException.class);
        assertThat(folder.close(Duration.ofSeconds(30))).isTrue();
        FolderLock.take(home).close();
        assertThat(JsonFolder.isGivenUp(home)).isTrue();
    }

    private static boolean passed(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
