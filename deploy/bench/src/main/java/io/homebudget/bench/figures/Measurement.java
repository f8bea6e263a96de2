package io.homebudget.bench.figures;

import io.homebudget.bench.report.Figure;
import io.homebudget.bench.report.Outcome;
import io.homebudget.bench.stack.Stacks;
import java.util.List;
import java.util.Set;

/** One or more figures that are measured together because they share a side, a stack or the waiting. */
public interface Measurement {

    Set<Figure> figures();

    /** The stacks it uses, so that those of earlier measurements can be stopped. */
    Set<Stacks.Size> stacks();

    /**
     * Measures at least the wanted ones of its figures.
     *
     * @throws Exception whatever went wrong; the figures it was asked for then count as not measured, with its message
     */
    List<Outcome> measure(Set<Figure> wanted, Stacks stacks, Pace pace) throws Exception;
}
