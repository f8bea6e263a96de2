package io.homebudget.ledger.storage.json;

import static io.homebudget.ledger.storage.json.Stores.all;
import static io.homebudget.ledger.storage.json.Stores.await;
import static io.homebudget.ledger.storage.json.Stores.created;
import static io.homebudget.ledger.storage.json.Stores.open;
import static io.homebudget.ledger.storage.json.Stores.ruling;
import static io.homebudget.ledger.storage.json.Stores.written;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.storage.journal.Disk;
import io.homebudget.ledger.storage.store.ApplyReport;
import io.homebudget.ledger.storage.store.Handover;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.LedgerStore.DataSource;
import io.homebudget.ledger.storage.store.LogSlice;
import io.homebudget.ledger.storage.store.Standing.FollowerState;
import io.homebudget.ledger.storage.store.StoreFenced;
import io.homebudget.ledger.storage.store.SyncListener;
import io.homebudget.ledger.storage.store.SyncReport;
import io.homebudget.ledger.storage.store.WriteOutcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowingTest {
    @TempDir
    Path home;

    private JsonStore primary;
    private JsonStore follower;
    private Path place;

    @BeforeEach
    void openBoth() {
        primary = ruling(home.resolve("primary"));
        place = home.resolve("follower");
        follower = open(place);
        await(follower.adopt(new Rule(1, Phase.DATABASE_READS)));
    }

    @AfterEach
    void closeBoth() {
        primary.close();
        follower.close();
    }

    private List<ChangeSet> log() {
        return await(primary.log(0, 1_000_000)).sets();
    }

    private ApplyReport follow() {
        LogSlice slice = await(primary.log(await(follower.standing()).position(), 1_000_000));
        return await(follower.apply(slice.sets(), slice.through(), 1));
    }

    private void reopenFollower() {
        follower.stop();
        follower = open(place);
    }

    @Test
    void what_the_primary_logged_is_applied_once_whole_and_under_its_own_positions() {
        created(primary, "one");
        created(primary, "two");
        written(primary, Stores.delete(1));
        assertThat(follow()).isEqualTo(new ApplyReport(3, 0, List.of()));
        assertThat(follow()).isEqualTo(new ApplyReport(0, 0, List.of()));
        assertThat(await(follower.apply(log(), 3, 1)).skipped()).isEqualTo(3);
        reopenFollower();
        assertThat(all(follower)).isEqualTo(all(primary));
        assertThat(await(follower.log(0, 10)).sets()).isEqualTo(log());
        assertThat(await(follower.states(1, 0, DataSource.DISK)))
                .containsExactlyInAnyOrderElementsOf(await(primary.states(1, 0, DataSource.SERVED)));
    }

    @Test
    void it_stands_where_it_was_told_to_also_after_a_crash() {
        await(follower.apply(List.of(), 77, 1));
        reopenFollower();
        assertThat(await(follower.standing()).position()).isEqualTo(77);
    }

    @Test
    void a_caller_of_an_older_epoch_is_fenced_and_changes_nothing() {
        created(primary, "one");
        await(follower.adopt(new Rule(5, Phase.DATABASE_READS)));
        assertThatThrownBy(() -> await(follower.apply(log(), 1, 4))).isInstanceOf(StoreFenced.class);
        assertThat(all(follower)).isEmpty();
    }

    @Test
    void of_two_changes_at_one_version_the_later_epoch_wins_and_the_loser_is_an_orphan_A35() {
        created(primary, "one");
        follow();
        ChangeSet first = log().get(0);
        ChangeSet rival = rival(first, 2, 2);
        ApplyReport report = await(follower.apply(List.of(rival), 2, 2));
        assertThat(report.applied()).isEqualTo(1);
        assertThat(report.orphans()).singleElement().satisfies(o -> assertThat(o.set())
                .isEqualTo(first));

        ChangeSet loser = rival(first, 3, 1);
        ApplyReport second = await(follower.apply(List.of(loser), 3, 2));
        assertThat(second.applied()).isZero();
        assertThat(second.orphans()).singleElement().satisfies(o -> assertThat(o.set())
                .isEqualTo(loser));

        reopenFollower();
        assertThat(await(follower.find(1)).changeId())
                .isEqualTo(rival.changes().get(0).id());
        assertThat(await(follower.log(0, 10)).sets()).containsExactly(rival);
        assertThat(await(follower.standing()).position()).isEqualTo(3);
        assertThat(follower.orphans()).isEqualTo(2);
    }

    private static ChangeSet rival(ChangeSet set, long position, long epoch) {
        Change change = set.changes().get(0);
        return new ChangeSet(
                position,
                UUID.randomUUID(),
                new Rule(epoch, Phase.DATABASE_READS),
                set.at(),
                "user",
                null,
                List.of(new Change(
                        UUID.randomUUID(),
                        change.entryId(),
                        change.version(),
                        change.action(),
                        null,
                        change.after(),
                        change.digest())));
    }

    @Test
    void a_deleted_entry_does_not_come_back_A17_A40() {
        created(primary, "one");
        Image early = await(primary.image(0));
        written(primary, Stores.delete(1));
        follow();
        SyncReport report = await(follower.synchronize(early, 1, 1, SyncListener.NONE));
        assertThat(report).isEqualTo(new SyncReport(1, 0, 1, 0));
        assertThat(await(follower.find(1))).isNull();
    }

    @Test
    void a_synchronisation_makes_it_hold_what_the_image_holds() {
        for (int i = 0; i < 2_500; i++) {
            primary.write(Stores.create("n" + i), 1).subscribeAsCompletionStage();
        }
        written(primary, Stores.delete(7));
        JsonStore other = ruling(home.resolve("other"));
        created(other, "elsewhere");
        created(other, "elsewhere");
        await(other.needBackfill());
        List<Long> staged = new ArrayList<>();
        Image image = await(primary.image(0));
        await(other.adopt(new Rule(2, Phase.DATABASE_READS)));

        SyncReport report = await(other.synchronize(image, image.position(), 2, new SyncListener() {
            @Override
            public void staged(long rows, long total) {
                staged.add(rows * 100 / total);
            }
        }));

        assertThat(report.rows()).isEqualTo(2_500);
        assertThat(staged).last().isEqualTo(100L);
        assertThat(await(other.standing()).followerState()).isEqualTo(FollowerState.FOLLOWING);
        assertThat(await(other.standing()).position()).isEqualTo(2_501);
        assertThat(await(other.log(0, 10)).cut()).isTrue();
        assertThat(await(other.states(1, 0, DataSource.DISK)))
                .hasSize(2_500)
                .containsExactlyInAnyOrderElementsOf(await(other.states(1, 0, DataSource.SERVED)));
        // at the same version and epoch what stands stays: both came from different stores here
        assertThat(all(other)).hasSize(2_499);
        other.close();
    }

    @Test
    void what_is_beyond_the_image_and_older_than_the_run_goes() {
        follower.close();
        place = home.resolve("fresh");
        follower = ruling(place);
        created(follower, "beyond");
        await(follower.adopt(new Rule(3, Phase.DATABASE_READS)));
        Image image = await(primary.image(0));
        SyncReport report = await(follower.synchronize(image, 10, 3, SyncListener.NONE));
        assertThat(report.removed()).isEqualTo(1);
        reopenFollower();
        assertThat(all(follower)).isEmpty();
        assertThat(await(follower.idsThrough())).isEqualTo(1);
    }

    @Test
    void a_cancelled_synchronisation_leaves_a_store_that_knows_it_needs_the_rest() {
        created(primary, "one");
        Image image = await(primary.image(0));
        assertThatThrownBy(() -> await(follower.synchronize(image, 1, 1, new SyncListener() {
                    @Override
                    public boolean cancelled() {
                        return true;
                    }
                })))
                .isInstanceOf(CancellationException.class);
        reopenFollower();
        assertThat(await(follower.standing()).followerState()).isEqualTo(FollowerState.NEEDS_BACKFILL);
    }

    @Test
    void taking_over_goes_on_behind_what_was_handed_over() {
        created(primary, "one");
        follow();
        Rule next = new Rule(2, Phase.DUAL_WRITE);
        await(follower.prepare(next, new Handover(50, 900, Optional.of(40L), null)));
        reopenFollower();
        assertThat(await(follower.standing()).prepared()).contains(next);
        assertThat(await(follower.standing()).position()).isEqualTo(1);
        await(follower.adopt(next));
        reopenFollower();
        assertThat(await(follower.standing()).prepared()).isEmpty();
        assertThat(await(follower.publishedThrough())).contains(40L);
        var outcome = (WriteOutcome.Written) await(follower.write(Stores.create("two"), 2));
        assertThat(outcome.set().position()).isEqualTo(51);
        assertThat(outcome.set().changes().get(0).entryId()).isEqualTo(901);
    }

    @Test
    void an_abandoned_preparation_leaves_no_gap_in_what_is_applied() {
        created(primary, "one");
        await(follower.prepare(new Rule(2, Phase.DUAL_WRITE), new Handover(50, 0, Optional.empty(), null)));
        await(follower.abandon());
        follow();
        assertThat(all(follower)).hasSize(1);
    }

    @Test
    void a_bounded_log_says_where_to_cut_and_writes_go_on_A43() {
        JsonStore bounded = ruling(open(
                Stores.config(home.resolve("bounded"))
                        .withLogLimits(8 << 10, 64 << 10, 100)
                        .withMemory(10, 10),
                Disk.REAL));
        for (int i = 0; i < 300; i++) {
            created(bounded, "n" + i);
        }
        assertThat(await(bounded.log(0, 1_000)).sets()).hasSize(300);
        assertThat(await(bounded.log(150, 10)).sets()).hasSize(10).first().satisfies(s -> assertThat(s.position())
                .isEqualTo(151));
        long cut = bounded.logOverLimit().orElseThrow();
        await(bounded.cutLog(cut));
        assertThat(bounded.logOverLimit()).isEmpty();
        assertThat(bounded.logSize().changes()).isLessThan(100);
        assertThat(await(bounded.log(0, 10)).cut()).isTrue();
        assertThat(await(bounded.log(cut, 1_000)).sets()).hasSize((int) (300 - cut));
        created(bounded, "goes on");
        bounded.stop();
        try (JsonStore again = open(home.resolve("bounded"))) {
            assertThat(all(again)).hasSize(301);
            assertThat(await(again.log(0, 10)).cut()).isTrue();
        }
    }
}
