package io.homebudget.bench.bare;

import java.math.BigDecimal;
import java.time.LocalDate;

/** The body of a create, bound by Jackson and not validated further: what the least possible service would do. */
public record NewEntry(
        LocalDate date,
        String business,
        String category,
        BigDecimal amount,
        String account,
        String currency,
        String notes) {}
