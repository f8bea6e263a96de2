package io.homebudget.ledger.storage.export;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.homebudget.ledger.change.Change;
import io.homebudget.ledger.entry.Entry;
import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.EntryImage;
import io.homebudget.ledger.internal.EntryValues;
import io.homebudget.ledger.internal.ExportHead;
import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.Rule;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.ledger.rows.MalformedRow;
import io.homebudget.ledger.rows.RowLine;
import io.homebudget.ledger.storage.store.Held;
import io.homebudget.ledger.storage.store.Image;
import io.homebudget.ledger.storage.store.ImageRow;
import io.homebudget.ledger.storage.store.LedgerStore;
import io.homebudget.ledger.storage.store.TextImage;
import io.homebudget.ledger.storage.testing.MemoryStore;
import io.homebudget.ledger.storage.testing.Sample;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExportTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper()
            .registerModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS);
    private static final Rule RULE = new Rule(3, Phase.JSON_ONLY);
    private static final Export.Origin ORIGIN =
            new Export.Origin(Kind.EXPENSE, 3, Phase.JSON_ONLY, new UUID(1, 2), null);

    private final MemoryStore store = new MemoryStore(StoreName.JSON);
    private final Change odd = Sample.created(
            new Entry(1, LocalDate.of(9999, 12, 31), null, "\"q\" \\ \u2028 \n 𝄞", -9_999_999_999L, "", "₪", "א"));
    private final Change other = Sample.created(Sample.entry(2, 1));
    private final Change gone = Sample.deleted(other);

    @BeforeEach
    void fill() {
        store.apply(List.of(Sample.set(1, RULE, odd), Sample.set(2, RULE, other), Sample.set(3, RULE, gone)), 3, 3)
                .await()
                .atMost(LIMIT);
    }

    private static List<String> lines(Multi<byte[]> parts) {
        StringBuilder text = new StringBuilder();
        parts.collect()
                .asList()
                .await()
                .atMost(LIMIT)
                .forEach(part -> text.append(new String(part, StandardCharsets.UTF_8)));
        assertThat(text.toString()).endsWith("\n");
        return text.toString().lines().toList();
    }

    private Multi<byte[]> export(LedgerStore of, Export.Limits limits) {
        return new Export(of, limits, Infrastructure.getDefaultExecutor(), Clock.systemUTC())
                .begin(ORIGIN)
                .await()
                .atMost(LIMIT);
    }

    /** The store with another image. */
    private LedgerStore showing(Image image) {
        return showing(TextImage.of(Kind.EXPENSE, image, Infrastructure.getDefaultExecutor()));
    }

    private LedgerStore showing(TextImage image) {
        return (LedgerStore) Proxy.newProxyInstance(
                LedgerStore.class.getClassLoader(),
                new Class<?>[] {LedgerStore.class},
                (proxy, method, arguments) -> method.getName().equals("text")
                        ? Uni.createFrom().item(image)
                        : method.invoke(store, arguments));
    }

    private static EntryImage row(String line) throws MalformedRow {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        RowLine row = new RowLine(Kind.EXPENSE);
        row.read(bytes, 0, bytes.length);
        return row.image();
    }

    private static String received(AssertSubscriber<byte[]> reader) {
        StringBuilder text = new StringBuilder();
        reader.getItems().forEach(part -> text.append(new String(part, StandardCharsets.UTF_8)));
        return text.toString();
    }

    @Test
    void an_export_is_a_head_the_rows_ascending_and_a_tail() throws Exception {
        List<String> lines = lines(export(store, Export.Limits.USUAL));

        assertThat(lines).hasSize(4);
        ExportHead head = JSON.readValue(lines.get(0), ExportHead.class);
        assertThat(head)
                .usingRecursiveComparison()
                .ignoringFields("at")
                .isEqualTo(new ExportHead(
                        2, "expense", "json", 3, 2, 3, Phase.JSON_ONLY, new UUID(1, 2), 2, 0L, null, head.at()));
        assertThat(row(lines.get(1)))
                .isEqualTo(new EntryImage(1, 1, 3, odd.id(), false, odd.digest(), EntryValues.of(odd.after())));
        assertThat(row(lines.get(2))).isEqualTo(new EntryImage(2, 2, 3, gone.id(), true, null, null));
        assertThat(lines.get(3)).isEqualTo("{\"end\":true,\"entries\":1,\"tombstones\":1}");
    }

    @Test
    void an_export_whose_store_fails_has_no_tail() {
        ImageRow row = new ImageRow(Held.after(odd, 3), null);
        Image broken = new Image(
                3,
                2,
                Multi.createBy()
                        .concatenating()
                        .streams(
                                Multi.createFrom().item(List.of(row)),
                                Multi.createFrom().failure(new IllegalStateException("the connection broke"))));

        AssertSubscriber<byte[]> reader = export(showing(broken), Export.Limits.USUAL)
                .subscribe()
                .withSubscriber(AssertSubscriber.create(Long.MAX_VALUE));

        reader.awaitFailure(LIMIT).assertFailedWith(IllegalStateException.class, "the connection broke");
        assertThat(received(reader)).startsWith("{\"format\":2").doesNotContain("\"end\"");
    }

    @Test
    void an_export_with_fewer_rows_than_promised_has_no_tail() {
        Image shorter = new Image(3, 2, Multi.createFrom().item(List.of(new ImageRow(Held.after(odd, 3), null))));

        AssertSubscriber<byte[]> reader = export(showing(shorter), Export.Limits.USUAL)
                .subscribe()
                .withSubscriber(AssertSubscriber.create(Long.MAX_VALUE));

        reader.awaitFailure(LIMIT).assertFailedWith(IllegalStateException.class, "not 2");
        assertThat(received(reader)).doesNotContain("\"end\"");
    }

    @Test
    void a_reader_that_takes_nothing_loses_its_snapshot() {
        List<ImageRow> rows = new ArrayList<>(List.of(new ImageRow(Held.after(odd, 3), null)));
        Image image = new Image(3, 2, Multi.createFrom().items(rows, rows));

        AssertSubscriber<byte[]> reader = export(
                        showing(image), new Export.Limits(Duration.ofMillis(50), Duration.ofMinutes(1)))
                .subscribe()
                .withSubscriber(AssertSubscriber.create(2));

        reader.awaitFailure(LIMIT).assertFailedWith(TimeoutException.class);
    }

    @Test
    void a_reader_that_leaves_before_it_came_to_the_rows_gives_the_image_back() {
        CountDownLatch closed = new CountDownLatch(1);
        TextImage image = new TextImage(3, 2, Multi.createFrom().empty(), closed::countDown);

        export(showing(image), Export.Limits.USUAL)
                .subscribe()
                .withSubscriber(AssertSubscriber.create(0))
                .cancel();

        assertThat(closed.getCount()).isZero();
    }

    @Test
    void an_image_that_nobody_comes_for_is_given_back() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        TextImage image = new TextImage(3, 2, Multi.createFrom().empty(), closed::countDown);

        export(showing(image), new Export.Limits(Duration.ofMillis(50), Duration.ofMinutes(1)));

        assertThat(closed.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void an_export_that_takes_too_long_altogether_fails() {
        AssertSubscriber<byte[]> reader = export(store, new Export.Limits(Duration.ofMinutes(1), Duration.ofMillis(-1)))
                .subscribe()
                .withSubscriber(AssertSubscriber.create(Long.MAX_VALUE));

        reader.awaitFailure(LIMIT).assertFailedWith(IllegalStateException.class, "longer than");
    }
}
