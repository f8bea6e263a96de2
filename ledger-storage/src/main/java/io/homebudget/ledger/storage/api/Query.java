package io.homebudget.ledger.storage.api;

import io.vertx.core.http.HttpServerRequest;

/**
 * Tells a parameter given without a value ({@code from=}) from one not given. The framework hands both over as null, and a
 * client whose value got lost must hear of it instead of getting everything.
 */
record Query(String text) {

    static Query of(HttpServerRequest request) {
        return new Query(request.query());
    }

    /** @param value as the framework handed it over */
    String given(String name, String value) {
        if (value != null || text == null) {
            return value;
        }
        String all = '&' + text + '&';
        return all.contains('&' + name + "=&") || all.contains('&' + name + '&') ? "" : null;
    }
}
