package io.homebudget.bench.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The numbers that interleaved rounds gave, per side. A ratio is the ratio of the medians, so that one disturbed round on
 * either side does not decide it.
 */
public final class Rounds {
    private final Map<String, List<Double>> numbers = new LinkedHashMap<>();

    public void add(String side, double number) {
        numbers.computeIfAbsent(side, name -> new ArrayList<>()).add(number);
    }

    /** @throws IllegalStateException if the side was never measured */
    public double median(String side) {
        List<Double> of = numbers.get(side);
        if (of == null) {
            throw new IllegalStateException("nothing was measured for " + side + ", only for " + numbers.keySet());
        }
        return median(of);
    }

    /** The median of one side over the median of the other. */
    public double ratio(String side, String over) {
        double below = median(over);
        if (below <= 0) {
            throw new IllegalStateException("the median of " + over + " is " + below + ": nothing to compare with");
        }
        return median(side) / below;
    }

    /** How far a side's rounds lie apart: (largest - smallest) / median; 0 for a single round. */
    public double spread(String side) {
        double[] sorted = sorted(numbers.get(side));
        return (sorted[sorted.length - 1] - sorted[0]) / median(side);
    }

    public Map<String, List<Double>> raw() {
        return Map.copyOf(numbers);
    }

    public static double median(List<Double> of) {
        if (of.isEmpty()) {
            throw new IllegalArgumentException("no numbers have no median");
        }
        double[] sorted = sorted(of);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static double[] sorted(List<Double> of) {
        double[] sorted = of.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted;
    }
}
