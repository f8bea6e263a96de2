package io.homebudget.ledger.entry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IsoDateTest {
    @Test
    void everyDayOfFourHundredYearsIsReadAsItIsWritten() {
        for (LocalDate day = LocalDate.of(1900, 1, 1); day.getYear() < 2301; day = day.plusDays(1)) {
            assertThat(IsoDate.parse(day.toString())).isEqualTo(day);
        }
        assertThat(IsoDate.parse("0001-01-01")).isEqualTo(LocalDate.of(1, 1, 1));
        assertThat(IsoDate.parse("9999-12-31")).isEqualTo(LocalDate.of(9999, 12, 31));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2026-1-1",
                "2026-13-01",
                "2026-00-01",
                "2026-02-30",
                "2025-02-29",
                "2026-01-00",
                "2026/01/01",
                "-026-01-01",
                "20a6-01-01",
                "2026-01-0:",
                "2026-01-01T",
                "٢٠٢٦-01-01"
            })
    void whatIsNoDayIsRefusedAsByTheJdk(String text) {
        assertThatThrownBy(() -> LocalDate.parse(text)).isInstanceOf(DateTimeException.class);
        assertThatThrownBy(() -> IsoDate.parse(text)).isInstanceOf(DateTimeException.class);
    }
}
