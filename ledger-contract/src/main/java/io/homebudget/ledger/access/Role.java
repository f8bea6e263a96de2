package io.homebudget.ledger.access;

/** Who may do what. The ledger API itself is open; everything that operates the system or shows its inside needs a role. */
public enum Role {
    /** Reads the state of the system: audit, runs, discrepancies. */
    VIEWER("VIEWER_TOKEN"),
    /** Operates the system: phases, runs, repair, restore, schema, flags. May do what a viewer may. */
    OPERATOR("OPERATOR_TOKEN"),
    /** Another service of the system, on {@code /internal/v1}. */
    SERVICE("SERVICE_TOKEN");

    private final String setting;

    Role(String setting) {
        this.setting = setting;
    }

    /** The environment variable that holds the role's token. */
    public String setting() {
        return setting;
    }

    /** Whether somebody in this role may do what {@code wanted} may. */
    public boolean covers(Role wanted) {
        return this == wanted || this == OPERATOR && wanted == VIEWER;
    }
}
