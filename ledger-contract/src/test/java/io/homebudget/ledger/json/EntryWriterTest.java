package io.homebudget.ledger.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EntryWriterTest {

    /** What Python 3 gives for {@code json.dumps} of the same text, in the file and in an answer of the old backend. */
    @Test
    void text_is_escaped_as_the_old_backend_escapes_it() {
        String text = "\u0001\b\t\n\f\r\u001f \"\\/~\u007f\u0080\u00a0\u05e9\u2028\ud83d\ude00";

        assertThat(written(text, true))
                .isEqualTo(
                        "\"\\u0001\\b\\t\\n\\f\\r\\u001f \\\"\\\\/~\\u007f\\u0080\\u00a0\\u05e9\\u2028\\ud83d\\ude00\"");
        assertThat(written(text, false))
                .isEqualTo("\"\\u0001\\b\\t\\n\\f\\r\\u001f \\\"\\\\/~\u007f\u0080\u00a0\u05e9\u2028\ud83d\ude00\"");
    }

    private static String written(String text, boolean ascii) {
        StringBuilder out = new StringBuilder();
        EntryWriter.string(text, out, ascii);
        return out.toString();
    }
}
