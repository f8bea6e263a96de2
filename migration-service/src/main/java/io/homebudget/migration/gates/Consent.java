package io.homebudget.migration.gates;

/** Says whether the call must carry consent; whether it does is checked with the call. */
final class Consent implements Gate {

    @Override
    public String name() {
        return "consent";
    }

    @Override
    public Check check(Situation situation) {
        return open(
                situation.rules().consentRequired() || !situation.forward()
                        ? "The call must carry \"consent\": true."
                        : "No consent is asked for in this environment.");
    }
}
