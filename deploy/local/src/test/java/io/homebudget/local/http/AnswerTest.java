package io.homebudget.local.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

/** What a person at a terminal reads of an answer. */
class AnswerTest {

    @Test
    void aProblemIsItsDetail() throws Exception {
        assertThat(answer(409, "{\"title\":\"Conflict\",\"detail\":\"One is running.\"}")
                        .reason())
                .isEqualTo("409: One is running.");
    }

    @Test
    void whereFieldsWereRefusedEachIsTold() throws Exception {
        String body = """
                {"detail":[{"loc":["body","kind"],"msg":"kind must be expense or income","type":"enum"},
                {"loc":["body","reason"],"msg":"reason must not be longer than 500 characters","type":"string_too_long"}]}""";

        assertThat(answer(422, body).reason())
                .isEqualTo("422: kind must be expense or income; reason must not be longer than 500 characters");
    }

    @Test
    void whatIsNoJsonIsToldAsItCame() throws Exception {
        assertThat(new Answer(502, new ObjectMapper().createObjectNode(), "bad gateway\n", -1, null).reason())
                .isEqualTo("502: bad gateway");
    }

    private static Answer answer(int status, String body) throws Exception {
        return new Answer(status, new ObjectMapper().readTree(body), body, -1, null);
    }
}
