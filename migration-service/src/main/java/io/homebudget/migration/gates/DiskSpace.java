package io.homebudget.migration.gates;

/** The ledger service has room; it alone knows its disk and says so in its notices. */
final class DiskSpace implements Gate {

    @Override
    public String name() {
        return "disk_space";
    }

    @Override
    public Check check(Situation situation) {
        return situation.state().notices() == null
                ? open("The ledger service reports no shortage.")
                : situation.state().notices().stream()
                        .filter(notice ->
                                notice.toLowerCase(java.util.Locale.ROOT).contains("disk"))
                        .findFirst()
                        .map(notice -> closed(notice, "Make room on the disk of the ledger service."))
                        .orElseGet(() -> open("The ledger service reports no shortage."));
    }
}
