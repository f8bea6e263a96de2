package io.homebudget.ledger.storage.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.change.ChangeSet;
import io.homebudget.ledger.digest.EntryDigest;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.ShadowMismatch;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.storage.routing.Ledger;
import io.homebudget.ledger.storage.shadow.ShadowReads.Limits;
import io.homebudget.ledger.storage.shadow.ShadowReads.Result;
import io.homebudget.ledger.storage.shadow.ShadowReads.Sides;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.Listing;
import io.homebudget.ledger.storage.testing.MemoryStore;
import io.homebudget.ledger.storage.testing.Sample;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ShadowReadsTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Rule RULE = new Rule(2, Phase.DUAL_WRITE);
    private static final Limits ALL_READS = new Limits(1, 2, Duration.ofMillis(300), 3, Duration.ofMillis(1));
    private static final Listing PAGE = new Listing(null, null, null, null, "note", 10, null);

    private final MemoryStore json = new MemoryStore(StoreName.JSON);
    private final MemoryStore postgres = new MemoryStore(StoreName.POSTGRES);
    private final BlockingQueue<Result> results = new LinkedBlockingQueue<>();
    private final ExecutorService workers = Executors.newFixedThreadPool(2);
    private final Change created = Sample.created(Sample.entry(5, 1));
    private final Change other = Sample.created(Sample.entry(6, 2));

    private LedgerStore primary = json;
    private LedgerStore follower = postgres;
    private Uni<Long> passed = Uni.createFrom().item(1L);
    private ShadowReads shadow = reads(ALL_READS);

    @AfterEach
    void stop() {
        workers.shutdownNow();
    }

    private ShadowReads reads(Limits limits) {
        return new ShadowReads(
                () -> Optional.of(new Sides(primary, follower, RULE)),
                (position, patience) -> passed,
                limits,
                () -> 0.5,
                results::add,
                workers,
                Clock.systemUTC());
    }

    private static void apply(MemoryStore store, Change... changes) {
        ChangeSet set = Sample.set(1, RULE, changes);
        store.apply(List.of(set), 1, 2).await().atMost(LIMIT);
    }

    /** The same change, but other values than it recorded. */
    private static Change damaged(Change change, Entry values) {
        return new Change(
                change.id(), change.entryId(), change.version(), change.action(), null, values, EntryDigest.of(values));
    }

    private Ledger ledger() {
        Ledger inner = (Ledger) Proxy.newProxyInstance(
                Ledger.class.getClassLoader(),
                new Class<?>[] {Ledger.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "kind" -> Kind.EXPENSE;
                    case "find" -> primary.find((Long) arguments[0]).map(held -> new Ledger.Served<>(held, false));
                    case "list" ->
                        Uni.createFrom().item(new Ledger.Served<>(primary.list((Listing) arguments[0]), false));
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        return new ShadowedLedger(inner, shadow);
    }

    private Held find(long id) {
        return ledger().find(id).await().atMost(LIMIT).value();
    }

    private List<Held> page() {
        return list(PAGE);
    }

    private List<Held> list(Listing listing) {
        List<Held> page = new ArrayList<>();
        ledger().list(listing)
                .await()
                .atMost(LIMIT)
                .value()
                .collect()
                .asList()
                .await()
                .atMost(LIMIT)
                .forEach(page::addAll);
        return page;
    }

    private Result result() throws InterruptedException {
        Result result = results.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(result).as("every sampled read ends").isNotNull();
        return result;
    }

    /** A store of which one method answers otherwise. */
    private static LedgerStore changed(LedgerStore store, String name, Function<Object, Object> answer) {
        return (LedgerStore) Proxy.newProxyInstance(
                LedgerStore.class.getClassLoader(), new Class<?>[] {LedgerStore.class}, (proxy, method, arguments) -> {
                    Object real = method.invoke(store, arguments);
                    return method.getName().equals(name) ? answer.apply(real) : real;
                });
    }

    @Test
    void equal_answers_match() throws Exception {
        apply(json, created, other);
        apply(postgres, created, other);
        assertThat(find(5).entry()).isEqualTo(created.after());
        assertThat(result()).isEqualTo(Result.MATCH);
        assertThat(find(77)).isNull();
        assertThat(result()).isEqualTo(Result.MATCH);
        assertThat(page()).hasSize(2);
        assertThat(result()).isEqualTo(Result.MATCH);
        assertThat(shadow.after(0)).isEmpty();
    }

    @Test
    void other_bytes_at_the_same_version_are_a_mismatch_with_the_request_and_both_answers() throws Exception {
        apply(json, created, other);
        apply(postgres, damaged(created, Sample.entry(5, 9)), other);

        find(5);
        assertThat(result()).isEqualTo(Result.MISMATCH);
        page();
        assertThat(result()).isEqualTo(Result.MISMATCH);

        List<ShadowMismatch> found = shadow.after(0);
        assertThat(found).extracting(ShadowMismatch::number).containsExactly(1L, 2L);
        assertThat(found).allSatisfy(mismatch -> {
            assertThat(mismatch.entryIds()).containsExactly(5L);
            assertThat(mismatch.primary()).isEqualTo("json");
            assertThat(mismatch.served()).contains("note 1");
            assertThat(mismatch.shadow()).contains("note 9");
        });
        assertThat(found).extracting(ShadowMismatch::request).containsExactly("entry 5", "list q=note limit=10");
        assertThat(shadow.after(1)).hasSize(1);
    }

    /** As the front end asks, which knows no limit. */
    @Test
    void a_whole_list_is_compared_too() throws Exception {
        apply(json, created, other);
        apply(postgres, damaged(created, Sample.entry(5, 9)), other);

        assertThat(list(Listing.ALL)).hasSize(2);
        assertThat(result()).isEqualTo(Result.MISMATCH);
        assertThat(shadow.after(0)).extracting(ShadowMismatch::request).containsExactly("list");
    }

    @Test
    void a_whole_list_that_is_longer_than_a_page_is_passed_over() throws Exception {
        apply(
                json,
                LongStream.rangeClosed(10, 1_100)
                        .mapToObj(id -> Sample.created(Sample.entry(id, 1)))
                        .toArray(Change[]::new));
        assertThat(list(Listing.ALL)).hasSize(1_091);
        assertThat(result()).isEqualTo(Result.SKIPPED);
    }

    @Test
    void an_entry_that_one_store_lacks_is_a_mismatch_when_both_are_at_rest() throws Exception {
        apply(json, created, other);
        apply(postgres, other);
        find(5);
        assertThat(result()).isEqualTo(Result.MISMATCH);
        page();
        assertThat(result()).isEqualTo(Result.MISMATCH);
        assertThat(shadow.after(1).get(0).entryIds()).containsExactly(5L);
    }

    @Test
    void A19_what_the_follower_has_not_applied_yet_is_no_mismatch() throws Exception {
        apply(json, created, other);
        passed = Uni.createFrom().failure(new TimeoutException());
        find(5);
        assertThat(result()).isEqualTo(Result.SKIPPED);
        assertThat(shadow.after(0)).isEmpty();
    }

    @Test
    void A19_answers_that_differ_while_somebody_writes_are_no_mismatch() throws Exception {
        apply(json, created, other);
        AtomicLong head = new AtomicLong();
        primary = changed(json, "head", real -> Uni.createFrom().item(head::incrementAndGet));
        find(5);
        assertThat(result()).isEqualTo(Result.SKIPPED);
        assertThat(shadow.after(0)).isEmpty();
    }

    @Test
    void damage_at_one_version_is_found_also_while_somebody_writes() throws Exception {
        apply(json, created, other);
        apply(postgres, damaged(created, Sample.entry(5, 9)), other);
        AtomicLong head = new AtomicLong();
        primary = changed(json, "head", real -> Uni.createFrom().item(head::incrementAndGet));
        page();
        assertThat(result()).isEqualTo(Result.MISMATCH);
    }

    @Test
    void a_follower_that_catches_up_between_two_looks_matches() throws Exception {
        apply(json, created);
        passed = Uni.createFrom().item(() -> {
            apply(postgres, created);
            return 1L;
        });
        find(5);
        assertThat(result()).isEqualTo(Result.MATCH);
    }

    @Test
    void a_client_never_waits_for_the_follower_and_only_so_many_comparisons_are_on_their_way() throws Exception {
        apply(json, created);
        follower = changed(postgres, "find", real -> Uni.createFrom().nothing());
        for (int i = 0; i < 3; i++) {
            assertThat(find(5).entry()).isEqualTo(created.after());
        }
        assertThat(result()).isEqualTo(Result.SKIPPED);
        assertThat(result()).isEqualTo(Result.FAILED);
        assertThat(result()).isEqualTo(Result.FAILED);
        // their places are free again
        follower = json;
        find(5);
        assertThat(result()).isEqualTo(Result.MATCH);
    }

    @Test
    void a_follower_that_is_away_is_counted_as_failed() throws Exception {
        apply(json, created);
        postgres.away(true);
        assertThat(find(5).entry()).isEqualTo(created.after());
        assertThat(result()).isEqualTo(Result.FAILED);
    }

    @Test
    void what_is_not_in_the_share_is_not_compared() {
        apply(json, created);
        shadow = reads(new Limits(0.4, 2, LIMIT, 1, Duration.ZERO));
        find(5);
        shadow = reads(new Limits(0, 2, LIMIT, 1, Duration.ZERO));
        find(5);
        assertThat(results).isEmpty();
    }

    @Test
    void only_the_last_thousand_mismatches_are_kept() {
        apply(json, created);
        for (int i = 0; i < 1_005; i++) {
            int before = results.size();
            find(5);
            await().atMost(LIMIT).pollInterval(Duration.ofMillis(1)).until(() -> results.size() > before);
        }
        assertThat(shadow.after(0)).hasSize(1_000);
        assertThat(shadow.after(0).get(0).number()).isEqualTo(6);
        assertThat(shadow.after(1_004)).extracting(ShadowMismatch::number).containsExactly(1_005L);
    }
}
