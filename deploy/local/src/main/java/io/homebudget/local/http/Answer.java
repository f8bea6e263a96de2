package io.homebudget.local.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * An HTTP answer.
 *
 * @param json the body; missing node where it was none or no JSON
 * @param text the body as it came
 * @param retryAfterSeconds -1 where there is no such header
 */
public record Answer(int status, JsonNode json, String text, long retryAfterSeconds, String location) {

    public boolean ok() {
        return status >= 200 && status < 300;
    }

    /** The reason in words: a problem's detail, what is said of each field, or what there is. */
    public String reason() {
        List<String> fields = json.path("detail").findValuesAsText("msg");
        if (!fields.isEmpty()) {
            return status + ": " + String.join("; ", fields);
        }
        for (String key : new String[] {"detail", "error", "message", "title"}) {
            JsonNode found = json.path(key);
            if (found.isTextual()) {
                return status + ": " + found.asText();
            }
        }
        return status
                + (text.isBlank()
                        ? ""
                        : ": "
                                + text.strip()
                                        .substring(0, Math.min(300, text.strip().length())));
    }
}
