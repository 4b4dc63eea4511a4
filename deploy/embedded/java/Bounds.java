package de.bwaldvogel.mongo.backend.h2;

import de.bwaldvogel.mongo.bson.Document;

/**
 * Between which values a query wants a field. Both ends belong to it, whatever the query says: what is too much is left
 * out when the documents are matched.
 */
record Bounds(Object lower, Object upper, boolean exists) {
    static final Bounds NONE = new Bounds(null, null, false);

    static Bounds of(Object condition) {
        if (!(condition instanceof Document operators)) {
            return NONE;
        }
        Object lower = scalar(operators.containsKey("$gt") ? operators.get("$gt") : operators.get("$gte"));
        Object upper = scalar(operators.containsKey("$lt") ? operators.get("$lt") : operators.get("$lte"));
        boolean exists = Boolean.TRUE.equals(operators.get("$exists"));
        return lower == null && upper == null && !exists ? NONE : new Bounds(lower, upper, exists);
    }

    /** A value that has one place in an order. */
    static boolean isScalar(Object value) {
        return value instanceof String || value instanceof Number || value instanceof Boolean;
    }

    private static Object scalar(Object value) {
        return isScalar(value) ? value : null;
    }
}
