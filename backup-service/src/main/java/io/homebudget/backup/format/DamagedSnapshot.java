package io.homebudget.backup.format;

import java.io.IOException;

/** A snapshot, or what shall become one, is not what it says it is. */
public sealed class DamagedSnapshot extends IOException permits NewerFormat {
    private static final long serialVersionUID = 1L;
    private final transient Flaw flaw;

    public DamagedSnapshot(Flaw flaw) {
        super(flaw.toString());
        this.flaw = flaw;
    }

    public DamagedSnapshot(Flaw flaw, Throwable cause) {
        super(flaw.toString(), cause);
        this.flaw = flaw;
    }

    public Flaw flaw() {
        return flaw;
    }
}
