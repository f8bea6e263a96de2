package io.homebudget.backup.format;

/** A snapshot that a newer version wrote: whole as far as can be told, and not for this one to read or to judge. */
public final class NewerFormat extends DamagedSnapshot {
    private static final long serialVersionUID = 1L;

    public NewerFormat(Flaw flaw) {
        super(flaw);
    }
}
