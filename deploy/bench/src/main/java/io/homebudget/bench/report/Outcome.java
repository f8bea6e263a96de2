package io.homebudget.bench.report;

import java.util.Map;
import java.util.OptionalDouble;

/**
 * What came of one figure.
 *
 * @param measured empty where it could not be measured; {@code note} says why
 * @param sound false where the number does not mean what the figure asks for, for example no checkpoint fell into the window
 * @param note what a reader must know to judge the number, one line; "" for nothing
 * @param raw the numbers behind it, for the file
 */
public record Outcome(Figure figure, OptionalDouble measured, boolean sound, String note, Map<String, Object> raw) {

    public static Outcome of(Figure figure, double measured, String note, Map<String, Object> raw) {
        return new Outcome(figure, OptionalDouble.of(measured), true, note, raw);
    }

    public static Outcome unsound(Figure figure, double measured, String note, Map<String, Object> raw) {
        return new Outcome(figure, OptionalDouble.of(measured), false, note, raw);
    }

    public static Outcome notMeasured(Figure figure, String why) {
        return new Outcome(figure, OptionalDouble.empty(), false, why, Map.of());
    }

    public boolean reached() {
        return sound && measured.isPresent() && figure.reachedBy(measured.getAsDouble());
    }

    /** How far off, where a number is there and does not reach. */
    public String verdict() {
        if (measured.isEmpty()) {
            return "not measured";
        }
        if (!sound) {
            return "not sound";
        }
        return reached() ? "yes" : "no";
    }
}
