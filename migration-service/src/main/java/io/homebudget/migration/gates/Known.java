package io.homebudget.migration.gates;

import java.util.function.Function;

/** Something that a gate wants to know of the surroundings: known, not known now, or of no meaning here. */
public sealed interface Known<T> {

    record Value<T>(T value) implements Known<T> {}

    /** It could not be found out at this moment; {@code why} is one sentence. */
    record Unknown<T>(String why) implements Known<T> {}

    /** There is nothing to know: what it is about is not configured or not offered. */
    record NotUsed<T>(String why) implements Known<T> {}

    static <T> Known<T> of(T value) {
        return new Value<>(value);
    }

    static <T> Known<T> unknown(String why) {
        return new Unknown<>(why);
    }

    static <T> Known<T> notUsed(String why) {
        return new NotUsed<>(why);
    }

    /** One answer out of three; nobody can forget one of them. */
    default <R> R fold(Function<T, R> value, Function<String, R> unknown, Function<String, R> notUsed) {
        if (this instanceof Value<T> known) {
            return value.apply(known.value());
        }
        return this instanceof Unknown<T> open ? unknown.apply(open.why()) : notUsed.apply(((NotUsed<T>) this).why());
    }
}
