package io.homebudget.migration.gates;

/** The way back was not closed for good. */
final class WayBackOpen implements Gate {

    @Override
    public String name() {
        return "way_back_open";
    }

    @Override
    public Check check(Situation situation) {
        return situation
                .wayBackClosed()
                .map(
                        how -> closed(
                                how,
                                "There is no way back to JSON. The entries as they are now are in the ledger's list and export.csv."))
                .orElseGet(() -> open("The way back was not closed."));
    }
}
