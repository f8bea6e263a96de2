package io.homebudget.migration.ledgers;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.entry.Kind;
import io.homebudget.ledger.internal.LedgerState;
import io.homebudget.migration.standin.States;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

/** What is remembered of the states that are read once a second. */
class SeenStatesTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    };

    private static LedgerState state(long epoch, String postgres) {
        return States.dual("expense", null, epoch, Instant.EPOCH, postgres);
    }

    @Test
    void rolesAreSettledAFewSecondsAfterTheirEpochWasFirstSeen() {
        Roles roles = new Roles(clock);
        assertThat(roles.settled(Kind.EXPENSE, state(4, "connected"))).isFalse();
        now = now.plusSeconds(3);
        assertThat(roles.settled(Kind.EXPENSE, state(4, "connected"))).isTrue();
        assertThat(roles.settled(Kind.EXPENSE, state(5, "connected"))).isFalse();
        assertThat(roles.settled(Kind.INCOME, state(4, "connected"))).isFalse();
    }

    @Test
    void anOutageIsToldWithItsStoreItsWordAndItsTimesForAnHour() {
        Outages outages = new Outages(clock);
        outages.saw(Kind.EXPENSE, state(4, "connected"));
        assertThat(outages.recently(Kind.EXPENSE)).isEmpty();
        outages.saw(Kind.EXPENSE, state(4, "disconnected"));
        now = now.plusSeconds(2);
        outages.saw(Kind.EXPENSE, state(4, "disconnected"));
        now = now.plusSeconds(60);
        outages.saw(Kind.EXPENSE, state(4, "connected"));

        assertThat(outages.recently(Kind.EXPENSE))
                .isEqualTo("postgres was disconnected from 2026-01-01T00:00:00Z to 2026-01-01T00:00:02Z");
        assertThat(outages.recently(Kind.INCOME)).isEmpty();
        now = now.plusSeconds(3_600);
        assertThat(outages.recently(Kind.EXPENSE)).isEmpty();
    }
}
