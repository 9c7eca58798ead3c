package io.understudy.simulation;

import io.understudy.spec.SpecNode;

/** Reads values that several parts of a truth have. */
final class TruthValues {

    static final int MAX_COUNT = 1_000_000;

    private TruthValues() {}

    /** A whole number from 1 to {@code max}; {@code defaultCount} when it is missing, and after a fault. */
    static int count(SpecNode node, int defaultCount, int max) {
        long count = node.optional().map(SpecNode::wholeNumber).orElse((long) defaultCount);
        if (count < 1 || count > max) {
            node.fault(count + " is not between 1 and " + max);
            return defaultCount;
        }
        return (int) count;
    }

    /** A percentage as a fraction; 0 when it is missing. */
    static double percentage(SpecNode node) {
        if (node.isNumber()) {
            node.fault("is not a percentage; write it like 5% or 0.001%");
            return 0;
        }
        return node.optional().map(present -> present.share().fraction()).orElse(0.0);
    }
}
