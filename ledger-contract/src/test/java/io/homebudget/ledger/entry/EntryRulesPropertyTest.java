package io.homebudget.ledger.entry;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.json.EntryWriter;
import io.homebudget.ledger.json.JsonNumbers;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class EntryRulesPropertyTest {
    private final EntryRules rules = new EntryRules(Kind.EXPENSE, "\u20aa");

    @Property(tries = 3_000)
    void any_bytes_get_the_same_verdict_twice_and_never_an_exception(@ForAll byte[] body) {
        assertThat(rules.create(body)).isEqualTo(rules.create(body));
        assertThat(rules.put(body)).isEqualTo(rules.put(body));
        assertThat(rules.patch(body)).isEqualTo(rules.patch(body));
    }

    @Property(tries = 3_000)
    void almost_json_gets_the_same_verdict_twice_and_never_an_exception(@ForAll("almostJson") String text) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        assertThat(rules.create(body)).isEqualTo(rules.create(body));
        assertThat(rules.put(body)).isEqualTo(rules.put(body));
        assertThat(rules.patch(body)).isEqualTo(rules.patch(body));
    }

    @Provide
    Arbitrary<String> almostJson() {
        return Arbitraries.of(
                        "{",
                        "}",
                        "[",
                        "]",
                        ",",
                        ":",
                        "\"",
                        "\"date\"",
                        "\"amount\"",
                        "\"field\"",
                        "\"value\"",
                        "\"2026-01-31\"",
                        "1",
                        "-",
                        "0.5",
                        "1e9",
                        "null",
                        "true",
                        "\\u0000",
                        "\\ud800",
                        " ",
                        "\u20aa",
                        "NaN")
                .list()
                .ofMaxSize(20)
                .map(parts -> String.join("", parts));
    }

    @Property(tries = 5_000)
    void a_number_literal_is_read_as_the_decimal_it_stands_for(
            @ForAll long unscaled, @ForAll @net.jqwik.api.constraints.IntRange(min = -30, max = 30) int scale) {
        BigDecimal number = BigDecimal.valueOf(unscaled, scale);

        assertThat(JsonNumbers.amount(number.toString())).isEqualTo(Amounts.read(number));
        assertThat(JsonNumbers.amount(number.toPlainString())).isEqualTo(Amounts.read(number));
    }

    @Property(tries = 2_000)
    void what_is_written_is_read_back_the_same(@ForAll("entries") Entry entry) {
        String compact = EntryWriter.compact(Kind.EXPENSE, entry);

        Entry read = rules.create(compact.getBytes(StandardCharsets.UTF_8)).value();

        assertThat(read.withId(entry.id())).isEqualTo(entry);
        assertThat(EntryWriter.compact(Kind.EXPENSE, read.withId(entry.id()))).isEqualTo(compact);
    }

    @Provide
    Arbitrary<Entry> entries() {
        Arbitrary<String> text = Arbitraries.strings()
                .all()
                .excludeChars('\0')
                .ofMaxLength(10)
                .filter(s -> !FieldRules.hasUnpairedSurrogate(s));
        return Combinators.combine(
                        Arbitraries.longs().between(1, Entry.MAX_ID),
                        Arbitraries.longs()
                                .between(
                                        LocalDate.of(1, 1, 1).toEpochDay(),
                                        LocalDate.of(9999, 12, 31).toEpochDay()),
                        text.injectNull(0.2),
                        text,
                        Arbitraries.longs().between(-Amounts.LIMIT_CENTS + 1, Amounts.LIMIT_CENTS - 1),
                        text,
                        text.filter(s -> !s.isEmpty()),
                        text.injectNull(0.2))
                .as((id, day, business, category, cents, account, currency, notes) ->
                        new Entry(id, LocalDate.ofEpochDay(day), business, category, cents, account, currency, notes));
    }
}
