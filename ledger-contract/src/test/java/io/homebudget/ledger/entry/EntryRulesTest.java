package io.homebudget.ledger.entry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.homebudget.ledger.error.Fault;
import io.homebudget.ledger.error.LedgerError;
import io.homebudget.ledger.error.Verdict;
import io.homebudget.ledger.json.EntryWriter;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntryRulesTest {
    private final EntryRules rules = new EntryRules(Kind.EXPENSE, "\u20aa");
    private final EntryRules incomes = new EntryRules(Kind.INCOME, "\u20aa");

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String body(String field, String value) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("date", "\"2026-01-31\"");
        fields.put("category", "\"Food\"");
        fields.put("amount", "1");
        fields.put("account", "\"Cash\"");
        fields.put(field, value);
        StringBuilder out = new StringBuilder("{");
        fields.forEach((key, v) -> out.append(out.length() > 1 ? "," : "")
                .append('"')
                .append(key)
                .append("\":")
                .append(v));
        return out.append('}').toString();
    }

    private Verdict<Entry> with(String field, String value) {
        return rules.create(utf8(body(field, value)));
    }

    private static Fault onlyFault(Verdict<?> verdict) {
        assertThat(verdict.accepted()).isFalse();
        assertThat(verdict.refusal().error().status()).isEqualTo(422);
        assertThat(verdict.refusal().faults()).hasSize(1);
        return verdict.refusal().faults().get(0);
    }

    @Test
    void an_entry_with_the_required_fields_gets_the_default_currency() {
        Entry entry = rules.create(utf8(body("id", "17"))).value();

        assertThat(entry).isEqualTo(new Entry(0, LocalDate.of(2026, 1, 31), null, "Food", 100, "Cash", "\u20aa", null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\u05e9", "\u20aa", "\uD83D\uDE00", "\t", "\u0001", "\u007f", "\\", "\""})
    void notes_are_as_long_as_a_request_could_bring_them_whichever_way_they_come(String one) {
        StringBuilder written = new StringBuilder();
        EntryWriter.string(one, written, false);
        int bytes = utf8(written.toString()).length - 2;
        int most = (Field.MAX_NOTES_BYTES - 2) / bytes;
        ObjectNode record = new ObjectMapper().createObjectNode();
        record.put("id", 1)
                .put("date", "2026-01-31")
                .put("category", "Food")
                .put("amount", 1)
                .put("account", "Cash");

        String longest = one.repeat(most);
        assertThat(EntryWriter.length(longest)).isEqualTo(2 + (long) most * bytes);
        assertThat(rules.take(record.put("notes", longest)).value().notes()).isEqualTo(longest);
        assertThat(rules.imported(record).accepted()).isTrue();

        record.put("notes", one.repeat(most + 1));
        assertThat(onlyFault(rules.take(record)))
                .extracting(Fault::type, Fault::loc)
                .containsExactly("string_too_long", List.of("body", "notes"));
        assertThat(onlyFault(rules.imported(record)).msg()).contains("1048576 bytes");
    }

    @Test
    void every_missing_field_is_named() {
        Verdict<Entry> verdict = rules.create(utf8("{}"));

        assertThat(verdict.refusal().faults())
                .containsExactly(
                        Fault.inBody("date", "Field required", "missing"),
                        Fault.inBody("category", "Field required", "missing"),
                        Fault.inBody("amount", "Field required", "missing"),
                        Fault.inBody("account", "Field required", "missing"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1|100",
                "100.0|10000",
                "-0.0|0",
                "1e2|10000",
                "1.100|110",
                "99999999.99|9999999999",
                "-99999999.99|-9999999999",
                "0e999999999999999999999|0",
                "0.01|1",
                "100E-2|100",
                "\"150.50\"|15050",
                "\"-12345678\"|-1234567800",
                "\"00000001.5000000\"|150",
            })
    void an_amount_is_exact_cents(String literal, long cents) {
        assertThat(with("amount", literal).value().cents()).isEqualTo(cents);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "100000000|less_than",
                "-100000000|less_than",
                "1e8|less_than",
                "1e999999999|less_than",
                "1e99999999999999999999|less_than",
                "1e-999999999|decimal_max_places",
                "1e-99999999999999999999|decimal_max_places",
                "0.001|decimal_max_places",
                "1.005|decimal_max_places",
                "\"123456789\"|float_parsing",
                "\"1e5\"|float_parsing",
                "\"+1\"|float_parsing",
                "\" 1\"|float_parsing",
                "\"1.\"|float_parsing",
                "\".5\"|float_parsing",
                "\"\"|float_parsing",
                "\"-\"|float_parsing",
                "\"1.2.3\"|float_parsing",
                "\"\u0661\"|float_parsing",
                "\"NaN\"|float_parsing",
                "\"1.005\"|decimal_max_places",
                "null|float_type",
                "true|float_type",
                "[]|float_type",
                "{}|float_type",
                "NaN|json_invalid",
                "Infinity|json_invalid",
                "-Infinity|json_invalid",
                "01|json_invalid",
                ".5|json_invalid",
                "+1|json_invalid",
            })
    void what_is_no_amount_is_refused(String literal, String type) {
        assertThat(onlyFault(with("amount", literal)).type()).isEqualTo(type);
    }

    @Test
    @Timeout(5)
    void numbers_with_a_million_digits_cost_next_to_nothing() {
        String digits = "7".repeat(1_000_000);

        assertThat(onlyFault(with("amount", digits)).type()).isEqualTo("less_than");
        assertThat(onlyFault(with("amount", "0." + digits)).type()).isEqualTo("decimal_max_places");
        assertThat(onlyFault(with("amount", "1e" + digits)).type()).isEqualTo("less_than");
        assertThat(with("amount", "1." + "0".repeat(1_000_000)).value().cents()).isEqualTo(100);
        assertThat(with("amount", "\"1." + "0".repeat(1_000_000) + "\"").value().cents())
                .isEqualTo(100);
        assertThat(with("unknown", digits).accepted()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-02-30",
                "2026-13-01",
                "2025-02-29",
                "0000-01-01",
                "2026-1-1",
                "2026-01-311",
                "26-01-01",
                "2026/01/01",
                "",
                "2026-01-01T00:00:00",
                "\u0662\u0660\u0662\u0666-01-01",
                "-026-01-01"
            })
    void what_is_no_date_is_refused(String date) {
        assertThat(onlyFault(with("date", "\"" + date + "\"")).loc()).containsExactly("body", "date");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0001-01-01", "9999-12-31", "2024-02-29"})
    void dates_from_year_1_to_9999_are_fine(String date) {
        assertThat(with("date", "\"" + date + "\"").value().date()).isEqualTo(LocalDate.parse(date));
    }

    @Test
    void lengths_are_counted_in_code_points() {
        String hundred = "\ud83d\ude00".repeat(100);

        assertThat(with("category", "\"" + hundred + "\"").value().category()).isEqualTo(hundred);
        Fault fault = onlyFault(with("category", "\"" + hundred + "x\""));
        assertThat(fault)
                .isEqualTo(Fault.inBody(
                        "category", "String should have at most 100 characters; it has 101", "string_too_long"));
    }

    @ParameterizedTest
    @CsvSource({"date,string_type", "category,string_type", "account,string_type", "amount,float_type"})
    void null_for_a_required_field_is_refused(String field, String type) {
        assertThat(onlyFault(with(field, "null")).type()).isEqualTo(type);
    }

    @Test
    void null_and_empty_differ_and_texts_are_kept_as_they_come() {
        assertThat(with("notes", "null").value().notes()).isNull();
        assertThat(with("notes", "\"\"").value().notes()).isEmpty();
        assertThat(with("business", "\" a\\t\\u0001 \"").value().business()).isEqualTo(" a\t\u0001 ");
        assertThat(with("category", "\"\"").value().category()).isEmpty();
        assertThat(with("currency", "\"\"").value().currency()).isEqualTo("\u20aa");
        assertThat(with("currency", "null").value().currency()).isEqualTo("\u20aa");
    }

    @Test
    void nul_and_unpaired_surrogates_and_invalid_utf8_are_refused() {
        assertThat(onlyFault(with("notes", "\"a\\u0000\"")).type()).isEqualTo("value_error");
        assertThat(onlyFault(with("notes", "\"\\ud800\"")).type()).isEqualTo("string_unicode");
        assertThat(onlyFault(with("notes", "\"\\udc00\\ud800\"")).type()).isEqualTo("string_unicode");
        byte[] overlong = utf8(body("notes", "\"xy\""));
        overlong[overlong.length - 4] = (byte) 0xc0;
        overlong[overlong.length - 3] = (byte) 0x80;
        assertThat(onlyFault(rules.create(overlong)).type()).isEqualTo("json_invalid");
        assertThat(with("notes", "\"\ufffd\"").value().notes()).isEqualTo("\ufffd");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{", "{}x", "{} {}", "[", "{\"a\"}", "{\"a\":1,}", "{'a':1}", "{} //", "nul", "{\"a\":\"\n\"}"})
    void malformed_json_is_refused(String text) {
        assertThat(onlyFault(rules.create(utf8(text))).type()).isEqualTo("json_invalid");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"[]|model_attributes_type", "1|model_attributes_type", "null|missing", "''|missing"})
    void a_body_that_is_no_object_is_refused(String text, String type) {
        Fault fault = onlyFault(rules.create(utf8(text)));
        assertThat(fault.type()).isEqualTo(type);
        assertThat(fault.loc()).isEqualTo(List.of("body"));
    }

    @Test
    void nesting_is_bounded_and_trailing_blanks_and_repeated_keys_are_fine() {
        assertThat(onlyFault(with("x", "[".repeat(5_000) + "]".repeat(5_000))).type())
                .isEqualTo("json_invalid");
        assertThat(rules.create(utf8(body("x", "[[]]") + " \r\n\t")).accepted()).isTrue();
        String twice = body("notes", "\"a\"").replace("}", ",\"notes\":\"b\"}");
        assertThat(rules.create(utf8(twice)).value().notes()).isEqualTo("b");
    }

    @Test
    void messages_never_repeat_the_value() {
        String secret = "sesame".repeat(50);

        assertThat(with("category", "\"" + secret + "\"").refusal().toString()).doesNotContain("sesame");
        assertThat(with("date", "\"" + secret + "\"").refusal().toString()).doesNotContain("sesame");
        assertThat(with("amount", "\"" + secret + "\"").refusal().toString()).doesNotContain("sesame");
        assertThat(rules.patch(utf8("{\"field\":\"sesame\",\"value\":1}"))
                        .value()
                        .refusal()
                        .toString())
                .doesNotContain("sesame");
    }

    @Test
    void a_put_changes_the_given_fields_and_keeps_the_others() {
        Entry before = rules.create(utf8(body("notes", "\"n\""))).value().withId(7);

        Entry after = rules.put(utf8("{\"amount\":\"2.5\",\"id\":99,\"currency\":null,\"other\":[]}"))
                .value()
                .value()
                .applyTo(before);

        assertThat(after).isEqualTo(new Entry(7, before.date(), null, "Food", 250, "Cash", "\u20aa", "n"));
    }

    @Test
    void a_put_refuses_wrong_types_at_once_and_values_later() {
        assertThat(onlyFault(rules.put(utf8("{\"category\":5,\"date\":\"x\"}"))).loc())
                .containsExactly("body", "category");
        assertThat(onlyFault(rules.put(utf8("{\"category\":null}"))).type()).isEqualTo("string_type");
        Verdict<Verdict<Edit>> impossible = rules.put(utf8("{\"date\":\"2026-02-30\"}"));
        assertThat(impossible.accepted()).isTrue();
        assertThat(onlyFault(impossible.value()).loc()).containsExactly("body", "date");
    }

    @Test
    void a_patch_refuses_shapes_at_once_then_the_field_then_the_value() {
        assertThat(rules.patch(utf8("{}")).refusal().faults()).hasSize(2);
        assertThat(onlyFault(rules.patch(utf8("{\"field\":5,\"value\":1}"))).type())
                .isEqualTo("string_type");
        assertThat(rules.patch(utf8("{\"field\":\"date\",\"value\":true}"))
                        .refusal()
                        .error())
                .isEqualTo(LedgerError.MALFORMED);
        for (String name : List.of("id", "other", "", "Date", "\\u0000")) {
            assertThat(rules.patch(utf8("{\"field\":\"" + name + "\",\"value\":{\"a\":1}}".replace("{\"a\":1}", "1")))
                            .value()
                            .refusal()
                            .error())
                    .isEqualTo(LedgerError.UNKNOWN_FIELD);
        }
        assertThat(onlyFault(rules.patch(utf8("{\"field\":\"category\",\"value\":5}"))
                        .value()))
                .isEqualTo(new Fault(
                        List.of("body", "value"), "Input should be a valid string; it is a number", "string_type"));
        assertThat(onlyFault(rules.patch(utf8("{\"field\":\"date\",\"value\":null}"))
                                .value())
                        .type())
                .isEqualTo("string_type");
    }

    @Test
    void incomes_have_no_business() {
        assertThat(incomes.create(utf8(body("business", "5"))).value().business())
                .isNull();
        assertThat(incomes.patch(utf8("{\"field\":\"business\",\"value\":\"x\"}"))
                        .value()
                        .refusal()
                        .error())
                .isEqualTo(LedgerError.UNKNOWN_FIELD);
    }

    @Test
    void a_record_of_a_file_is_taken_with_its_id() throws Exception {
        ObjectMapper mapper = new ObjectMapper();

        Entry entry = rules.take(
                        mapper.readTree(body("amount", "\"150.50\"").replace("}", ",\"id\":9007199254740991}")))
                .value();

        assertThat(entry.id()).isEqualTo(Entry.MAX_ID);
        assertThat(entry.cents()).isEqualTo(15050);
        for (String id : List.of("0", "-1", "9007199254740992", "1.0", "\"1\"", "null", "99999999999999999999")) {
            assertThat(onlyFault(rules.take(mapper.readTree(body("id", id)))).loc())
                    .containsExactly("body", "id");
        }
        assertThat(rules.take(mapper.readTree("[]")).accepted()).isFalse();
        assertThat(rules.take(null).accepted()).isFalse();
    }
}
