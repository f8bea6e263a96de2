package io.homebudget.e2e.check;

import com.fasterxml.jackson.databind.JsonNode;

/** Values as Python's {@code json} module prints them with its defaults: ASCII, floats with a decimal. */
final class PythonJson {
    private PythonJson() {}

    static void append(JsonNode value, StringBuilder out) {
        if (value.isTextual()) {
            string(value.asText(), out);
        } else if (value.isIntegralNumber() || value.isNull()) {
            out.append(value.asText());
        } else {
            String plain = value.decimalValue().stripTrailingZeros().toPlainString();
            out.append(plain).append(plain.contains(".") ? "" : ".0");
        }
    }

    private static void string(String text, StringBuilder out) {
        out.append('"');
        for (char c : text.toCharArray()) {
            int known = "\"\\\n\r\t\f\b".indexOf(c);
            if (known >= 0) {
                out.append('\\').append("\"\\nrtfb".charAt(known));
            } else if (c < ' ' || c > '~' && c != 0x7f) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
