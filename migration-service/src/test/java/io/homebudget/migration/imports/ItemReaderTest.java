package io.homebudget.migration.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ItemReaderTest {
    @TempDir
    Path folder;

    private List<Item> items(String contentType, String text) throws IOException, Unreadable {
        return items(contentType, text.getBytes(StandardCharsets.UTF_8));
    }

    private List<Item> items(String contentType, byte[] bytes) throws IOException, Unreadable {
        Path body = Files.write(folder.resolve("body"), bytes);
        List<Item> items = new ArrayList<>();
        try (ItemReader reader = ItemReader.of(Format.of(contentType, body), body)) {
            for (Item item = reader.next(); item != null; item = reader.next()) {
                items.add(item);
            }
        }
        return items;
    }

    private static Item.Good good(Item item) {
        assertThat(item).isInstanceOf(Item.Good.class);
        return (Item.Good) item;
    }

    private static Item.Bad bad(Item item) {
        assertThat(item).isInstanceOf(Item.Bad.class);
        return (Item.Bad) item;
    }

    @Test
    void anArrayGivesItsRecordsWithTheirLinesAndNumbersAsWritten() throws Exception {
        List<Item> items = items("application/json", "[\n {\"id\":7,\"amount\":1.100},\n {\"amount\":1e2}\n, 5]");

        assertThat(items).extracting(Item::line).containsExactly(2L, 3L, 4L);
        assertThat(good(items.get(0)).record()).hasToString("{\"id\":7,\"amount\":1.100}");
        assertThat(good(items.get(1)).record()).hasToString("{\"amount\":1E+2}");
        assertThat(bad(items.get(2)).reason()).contains("must be a JSON object");
    }

    @Test
    void aHugeExponentIsRefusedWithItsFieldAndCostsNothing() throws Exception {
        List<Item> items = items("application/json", "[{\"amount\":1e999999999999},{\"amount\":1e99999}]");

        assertThat(items).extracting(item -> bad(item).field()).containsExactly("amount", "amount");
    }

    @Test
    void anArrayThatBreaksOffIsRefusedAsAWholeWithTheLine() {
        assertThatThrownBy(() -> items("application/json", "[\n{\"amount\":1},\n{\"amount\""))
                .isInstanceOf(Unreadable.class)
                .hasMessageContaining("line 3");
        assertThatThrownBy(() -> items("application/json", "[] []"))
                .isInstanceOf(Unreadable.class)
                .hasMessageContaining("behind the array");
        assertThatThrownBy(() -> items("application/json", "[{\"a\":1}")).isInstanceOf(Unreadable.class);
    }

    @Test
    void aBrokenLineIsRefusedAndTheNextOneRead() throws Exception {
        byte[] notUtf8 = {'{', (byte) 0xff, '}', '\n'};
        byte[] text = "{\"amount\":1}\n\n{\"amount\":\n{\"amount\":2}\r\n[1]\n".getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[text.length + notUtf8.length];
        System.arraycopy(text, 0, all, 0, text.length);
        System.arraycopy(notUtf8, 0, all, text.length, notUtf8.length);

        List<Item> items = items("application/x-ndjson", all);

        assertThat(items).extracting(Item::line).containsExactly(1L, 3L, 4L, 5L, 6L);
        assertThat(bad(items.get(1)).text()).isEqualTo("{\"amount\":");
        assertThat(good(items.get(2)).record()).hasToString("{\"amount\":2}");
        assertThat(bad(items.get(3)).reason()).contains("must be a JSON object");
        assertThat(bad(items.get(4)).reason()).contains("UTF-8");
    }

    @Test
    void aLineThatIsTooLongIsRefusedAndTheNextOneRead() throws Exception {
        String longLine = "{\"notes\":\"" + "x".repeat(ItemReader.LONGEST) + "\"}";

        List<Item> items = items("application/x-ndjson", longLine + "\n{\"amount\":2}\n");

        assertThat(bad(items.get(0)).reason()).contains("longer");
        assertThat(good(items.get(1)).line()).isEqualTo(2);
    }

    @Test
    void aMendedFileOfRejectsIsReadAsTheRecordsThatItHolds() throws Exception {
        List<Item> items = items(
                null,
                "{\"line\":3,\"field\":\"amount\",\"reason\":\"r\",\"record\":{\"amount\":1.50}}\n"
                        + "{\"line\":9,\"field\":null,\"reason\":\"r\",\"text\":\"{\\\"amount\\\":2}\"}\n");

        assertThat(items)
                .extracting(item -> good(item).record().toString())
                .containsExactly("{\"amount\":1.50}", "{\"amount\":2}");
    }

    @Test
    void aTableGivesFieldsByTheirColumnsAndKeepsTheOthersForTheRejects() throws Exception {
        List<Item> items = items(
                "text/csv; charset=utf-8",
                "\uFEFFDate,category,amount,account,notes,id,mood\r\n"
                        + "2026-01-02,\"a,\nb\",1.50,bank,,12,good\r\n"
                        + "2026-01-03,c,2,bank,\"\",x,bad\r\n"
                        + "2026-01-04,c\r\n");

        Item.Good first = good(items.get(0));
        assertThat(first.record().toString())
                .isEqualTo("{\"date\":\"2026-01-02\",\"category\":\"a,\\nb\",\"amount\":\"1.50\",\"account\":\"bank\","
                        + "\"notes\":null,\"id\":12}");
        assertThat(first.original().get("mood").asText()).isEqualTo("good");
        Item.Good second = good(items.get(1));
        assertThat(second.line()).isEqualTo(4);
        assertThat(second.record().get("notes").asText()).isEmpty();
        assertThat(second.record().get("id").asText()).isEqualTo("x");
        assertThat(bad(items.get(2)).reason()).contains("2 cells").contains("7");
    }

    /** As JSON, which is how the console gives rejects, a text would be another reason to reject the record. */
    @Test
    void anIdOfATableIsANumberAlsoAmongTheRejects() throws Exception {
        List<Item> items = items("text/csv", "date,category,amount,account,id\n2026-01-02,c,x,bank,17\n");

        assertThat(good(items.get(0)).original().get("id").isIntegralNumber()).isTrue();
    }

    @Test
    void rejectsThatAreRejectedAgainHaveTheirReasonsOnce() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        String reject =
                "{\"line\":2,\"field\":\"amount\",\"reason\":\"new\",\"record\":{\"amount\":\"x\",\"reject_reason\":\"old\"}}\n";

        RejectsTable.write(
                new ByteArrayInputStream(reject.getBytes(StandardCharsets.UTF_8)),
                List.of("amount", "reject_line", "reject_field", "reject_reason"),
                out);

        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("amount,reject_line,reject_field,reject_reason\r\nx,2,amount,new\r\n");
    }

    @Test
    void aBodyWhoseBracketsAreDoubledIsOneRejectAndIsNotHeldWhole() throws Exception {
        List<Item> items = items("application/json", "[[" + "1,".repeat(2_000_000) + "1]]");

        assertThat(items).hasSize(1);
        assertThat(bad(items.get(0)).reason()).contains("must be a JSON object");
        assertThat(bad(items.get(0)).original().size()).isLessThan(ItemReader.LONGEST);
    }

    @Test
    void semicolonsAndTabsPartCellsToo() throws Exception {
        List<Item> items = items("text/csv", "date;category;amount;account\n2026-01-02;a,b;1.50;bank\n");

        assertThat(good(items.get(0)).record().get("category").asText()).isEqualTo("a,b");
    }

    @Test
    void aTableWithoutARequiredColumnIsRefusedAsAWhole() {
        assertThatThrownBy(() -> items("text/csv", "date,category,account\n"))
                .isInstanceOf(Unreadable.class)
                .hasMessageContaining("amount");
        assertThatThrownBy(() -> items("text/csv", "date,category,amount,account,date\n"))
                .isInstanceOf(Unreadable.class)
                .hasMessageContaining("twice");
        assertThatThrownBy(() -> items("text/csv", "")).isInstanceOf(Unreadable.class);
    }
}
