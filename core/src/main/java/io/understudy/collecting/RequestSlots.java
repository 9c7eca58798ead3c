package io.understudy.collecting;

import io.understudy.schema.RequestSlot;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;

/**
 * Requests in spans of time of equal width, called slots. Their number is bounded: while nothing is taken, for example
 * because an arm is down, the oldest slot is added to the one after it. Mutable, for one thread.
 *
 * @param <T> what is counted in a slot
 */
final class RequestSlots<T> {

    /** More than the requests of the longest deadline take, and few enough to be written at each commit. */
    static final int MOST_SLOTS = 128;

    private final long width;
    private final Supplier<T> empty;
    private final BiConsumer<T, T> addAll;
    private final TreeMap<Long, T> slots = new TreeMap<>();

    /** Earlier slots have been added to the one that starts here. */
    private long earliest = Long.MIN_VALUE;

    /**
     * Creates no slots.
     *
     * @param width width of a slot in milliseconds, greater than 0
     * @param empty makes the counts of a new slot
     * @param addAll adds the counts of its second argument to its first
     */
    RequestSlots(long width, Supplier<T> empty, BiConsumer<T, T> addAll) {
        this.width = width;
        this.empty = empty;
        this.addAll = addAll;
    }

    /** The end of the slot that contains {@code time}. */
    long endOf(long time) {
        return WindowClock.start(time, width) + width;
    }

    /** The counts of the slot that contains {@code time}. */
    T at(long time) {
        T counts = slots.computeIfAbsent(Math.max(earliest, WindowClock.start(time, width)), start -> empty.get());
        if (slots.size() <= MOST_SLOTS) {
            return counts;
        }
        Map.Entry<Long, T> oldest = slots.pollFirstEntry();
        earliest = slots.firstKey();
        addAll.accept(slots.firstEntry().getValue(), oldest.getValue());
        return oldest.getValue() == counts ? slots.firstEntry().getValue() : counts;
    }

    /** Removes the slots that end by {@code time}, and passes the counts and the end of each to {@code receiver}. */
    void takeEndingBy(long time, ObjLongConsumer<T> receiver) {
        Map<Long, T> ended = slots.headMap(time - width, true);
        ended.forEach((start, counts) -> receiver.accept(counts, start + width));
        ended.clear();
    }

    /** Returns each slot's start and counts, as {@code record} writes them. */
    List<RequestSlot> save(BiFunction<Long, T, RequestSlot> record) {
        return slots.entrySet().stream()
                .map(slot -> record.apply(slot.getKey(), slot.getValue()))
                .toList();
    }

    /** Restores the slots that {@link #save} returned, as {@code reader} reads them. */
    void restore(List<RequestSlot> saved, BiConsumer<T, RequestSlot> reader) {
        saved.forEach(slot -> reader.accept(at(slot.getStart()), slot));
    }
}
