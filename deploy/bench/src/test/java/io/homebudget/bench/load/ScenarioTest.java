package io.homebudget.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.bench.data.EntryGenerator;
import io.hyperfoil.api.config.Benchmark;
import io.hyperfoil.api.config.Model;
import io.hyperfoil.api.config.Phase;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScenarioTest {

    @Test
    void an_open_load_has_one_phase_per_sort_of_request_each_at_its_rate() {
        Scenario scenario = Scenario.open(17_000, 50, 3, List.of("{\"notes\":\"it's\"}"))
                .creates(20)
                .reads(15, 1_000)
                .pages(5)
                .patches(10, 1_000);

        Benchmark benchmark = HttpLoad.parse(scenario.yaml());

        assertThat(benchmark.phases())
                .extracting(Phase::name)
                .containsExactlyInAnyOrder("create", "read", "page", "patch");
        assertThat(benchmark.phases()).allSatisfy(phase -> {
            assertThat(phase.model).isInstanceOf(Model.ConstantRate.class);
            assertThat(phase.duration()).isEqualTo(3_000);
        });
    }

    @Test
    void a_closed_load_has_as_many_clients_as_connections() {
        Scenario scenario = Scenario.closed(17_000, 32, 3, new EntryGenerator(1).bodies(64));

        Benchmark benchmark = HttpLoad.parse(scenario.yaml());

        assertThat(benchmark.phases()).singleElement().satisfies(phase -> assertThat(phase.model)
                .isInstanceOf(Model.Always.class));
    }

    @Test
    void the_id_of_a_created_entry_is_the_last_one_in_the_answer() {
        String answer = "{\"status\":\"created\",\"expense\":{\"notes\":\"\\\"id\\\":7\",\"id\":1234}}";

        assertThat(PacedSender.idIn(answer)).isEqualTo(1234);
    }
}
