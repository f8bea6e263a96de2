package io.homebudget.migration.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.homebudget.ledger.phase.Phase;
import io.homebudget.ledger.phase.StoreName;
import io.homebudget.migration.discrepancies.Finding;
import io.homebudget.migration.standin.SimLedger;
import io.homebudget.migration.standin.SimLedger.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever writers and follower do between any two readings: no false report, and every fault is reported. */
class VerificationPropertyTest {
    private static final int CALM = 1_000;

    @Property(tries = 400)
    void noFalseReportUnderAnyInterleaving(@ForAll long seed, @ForAll boolean postgresLeads) {
        Random random = new Random(seed);
        SimLedger ledger = filled(random, postgresLeads);

        VerificationResult result = SimStores.verify(new SimStores(ledger, () -> live(ledger, random, 1, 40)));

        assertThat(result.findings()).isEmpty();
        assertThat(result.differences()).isZero();
    }

    @Property(tries = 400)
    void everyFaultIsReportedOnceAndNothingElse(@ForAll long seed, @ForAll boolean postgresLeads) {
        Random random = new Random(seed);
        SimLedger ledger = filled(random, postgresLeads);
        TreeSet<Long> damaged = new TreeSet<>();
        for (int i = 0; i < 1 + random.nextInt(6); i++) {
            long id = CALM + i;
            if (harm(ledger, random, id)) {
                damaged.add(id);
            }
        }

        VerificationResult result = SimStores.verify(new SimStores(ledger, () -> live(ledger, random, 1, 40)));

        List<Long> reported =
                result.findings().stream().map(Finding::entryId).sorted().collect(Collectors.toList());
        assertThat(reported).containsExactlyElementsOf(new ArrayList<>(damaged));
    }

    /** Ids from {@link #CALM} on are left alone by the writers, so that no write mends a fault. */
    private static SimLedger filled(Random random, boolean postgresLeads) {
        SimLedger ledger = new SimLedger("expense");
        for (int i = 0; i < 60; i++) {
            ledger.write(1 + random.nextInt(40), "v" + random.nextInt(5));
        }
        for (long id = CALM; id < CALM + 30; id++) {
            ledger.write(id, "calm " + id);
        }
        ledger.dual(postgresLeads ? Phase.DATABASE_READS : Phase.DUAL_WRITE);
        return ledger;
    }

    private static void live(SimLedger ledger, Random random, int from, int ids) {
        for (int i = random.nextInt(4); i > 0; i--) {
            long id = from + random.nextInt(ids);
            if (random.nextInt(4) == 0) {
                if (ledger.liveIds(ledger.phase().primary()).contains(id)) {
                    ledger.delete(id);
                }
            } else {
                ledger.write(id, "v" + random.nextInt(5));
            }
        }
        ledger.apply(random.nextInt(5));
    }

    private static boolean harm(SimLedger ledger, Random random, long id) {
        StoreName store = random.nextBoolean() ? StoreName.JSON : StoreName.POSTGRES;
        Row row = ledger.row(store, id);
        switch (random.nextInt(3)) {
            case 0:
                ledger.tamper(store, id, null);
                return true;
            case 1:
                ledger.tamper(
                        store, id, new Row(row.version(), row.epoch(), row.changeId(), row.recorded(), "harm", false));
                return true;
            default:
                ledger.tamper(store, id, new Row(0, 0, null, null, "by hand", false));
                return true;
        }
    }
}
