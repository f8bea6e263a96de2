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
                .map(how -> closed(how, "There is no way back to JSON; restore the archive into a new installation."))
                .orElseGet(() -> open("The way back was not closed."));
    }
}
