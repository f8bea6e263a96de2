package io.homebudget.migration.gates;

import java.util.List;
import java.util.Locale;

/**
 * There is room for twice the database's size, and for twice what the first filling will take: index builds, the log of
 * PostgreSQL and a restore beside the running system all need it at once.
 */
final class DiskSpace implements Gate {
    /**
     * An entry with its change, in table, indexes and log. More than twice what a dry run tells as {@code disk_bytes}, which is what
     * stays of a filling in table and indexes: measured by {@code PaceProbe}, else {@code Forecast.ASSUMED} of 400. The gate asks
     * before anything is measured, and for a margin.
     */
    static final long BYTES_PER_ENTRY = 900;

    private static final int TIMES = 2;

    @Override
    public String name() {
        return "disk_space";
    }

    @Override
    public Check check(Situation situation) {
        List<String> notices = situation.state().notices() == null
                ? List.of()
                : situation.state().notices();
        for (String notice : notices) {
            if (notice.toLowerCase(Locale.ROOT).contains("disk")) {
                return closed(notice, "Make room on the disk of the ledger service.");
            }
        }
        return situation
                .around()
                .room()
                .fold(room -> judge(situation, room), why -> waiting(why, "Start PostgreSQL."), this::open);
    }

    private Check judge(Situation situation, Surroundings.Room room) {
        Long entries = situation.state().entries() == null
                ? null
                : situation.state().entries().get("json");
        long toFill = situation.state().phase().dual() || entries == null ? 0 : entries * BYTES_PER_ENTRY;
        long needed = TIMES * Math.max(room.databaseBytes(), toFill);
        return room.freeBytes()
                .fold(
                        free -> free >= needed
                                ? open(mega(free) + " are free, " + mega(needed) + " needed.")
                                : closed(
                                        "Only " + mega(free) + " are free where PostgreSQL keeps its data; "
                                                + mega(needed) + " are needed, twice the database's size.",
                                        "Make room there, or move the database to a larger disk."),
                        why -> waiting(why, "Check DATABASE_DISK_PATH."),
                        why -> open(mega(needed) + " are needed; " + why));
    }

    private static String mega(long bytes) {
        return bytes / 1_000_000 + " MB";
    }
}
