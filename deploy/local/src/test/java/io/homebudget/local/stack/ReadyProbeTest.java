package io.homebudget.local.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.homebudget.local.http.Answer;
import io.homebudget.local.http.JsonHttp;
import io.homebudget.local.supervision.Probe;
import org.junit.jupiter.api.Test;

class ReadyProbeTest {

    @Test
    void status_200_is_ready() throws Exception {
        assertThat(judge(200, "{\"status\":\"healthy\"}")).isInstanceOf(Probe.Ready.class);
    }

    @Test
    void a_recovery_answer_keeps_its_advice() throws Exception {
        assertThat(
                        judge(
                                503,
                                "{\"status\":\"recovery\",\"database\":\"error\",\"file\":\"f\",\"place\":\"p\",\"advice\":\"a\"}"))
                .isEqualTo(new Probe.Recovery("f", "p", "a"));
    }

    @Test
    void a_store_in_recovery_is_recovery_with_the_notices_as_advice() throws Exception {
        assertThat(judge(
                        503,
                        "{\"status\":\"unhealthy\",\"stores\":{\"json\":\"recovery\",\"postgres\":\"disconnected\"},"
                                + "\"notices\":[\"journal damaged at byte 7.\",\"Restore a snapshot.\"]}"))
                .isEqualTo(new Probe.Recovery(
                        "the json store", "see the advice", "journal damaged at byte 7. Restore a snapshot."));
    }

    @Test
    void a_store_that_is_away_is_waited_for() throws Exception {
        assertThat(judge(503, "{\"status\":\"unhealthy\",\"stores\":{\"postgres\":\"disconnected\"}}"))
                .isInstanceOf(Probe.NotYet.class);
    }

    @Test
    void a_follower_in_recovery_under_a_serving_primary_is_ready() throws Exception {
        assertThat(judge(200, "{\"status\":\"healthy\",\"stores\":{\"json\":\"recovery\"}}"))
                .isInstanceOf(Probe.Ready.class);
    }

    private static Probe judge(int status, String body) throws JsonProcessingException {
        return ReadyProbe.judge(new Answer(status, JsonHttp.MAPPER.readTree(body), body, -1, null));
    }
}
