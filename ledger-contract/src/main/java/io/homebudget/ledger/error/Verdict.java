package io.homebudget.ledger.error;

/** Either a value or the refusal that stands in its place. */
public record Verdict<T>(T value, Refusal refusal) {
    public Verdict {
        if ((value == null) == (refusal == null)) {
            throw new IllegalArgumentException("a verdict is either a value or a refusal");
        }
    }

    public static <T> Verdict<T> accept(T value) {
        return new Verdict<>(value, null);
    }

    public static <T> Verdict<T> refuse(Refusal refusal) {
        return new Verdict<>(null, refusal);
    }

    public boolean accepted() {
        return refusal == null;
    }
}
