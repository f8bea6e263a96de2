package io.homebudget.bench.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessMemoryTest {
    private static final List<String> STATUS =
            List.of("Name:\tjava", "VmHWM:\t  524288 kB", "VmRSS:\t  262144 kB", "Threads:\t42");

    @Test
    void kilobytes_of_the_kernel_become_megabytes() {
        assertThat(ProcessMemory.parse(STATUS, "VmRSS")).isEqualTo(256);
        assertThat(ProcessMemory.parse(STATUS, "VmHWM")).isEqualTo(512);
    }

    @Test
    void a_missing_field_is_told_by_its_name() {
        assertThatThrownBy(() -> ProcessMemory.parse(STATUS, "VmSwap")).hasMessageContaining("VmSwap");
    }
}
