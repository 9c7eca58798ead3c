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
 * Requests in spans of time of equal width, called slots. Mutable, for one thread.
 *
 * @param <T> what is counted in a slot
 */
final class RequestSlots<T> {

    private final long width;
    private final Supplier<T> empty;
    private final TreeMap<Long, T> slots = new TreeMap<>();

    /**
     * Creates no slots.
     *
     * @param width width of a slot in milliseconds, greater than 0
     * @param empty makes the counts of a new slot
     */
    RequestSlots(long width, Supplier<T> empty) {
        this.width = width;
        this.empty = empty;
    }

    /** The end of the slot that contains {@code time}. */
    long endOf(long time) {
        return WindowClock.start(time, width) + width;
    }

    /** The counts of the slot that contains {@code time}. */
    T at(long time) {
        return slots.computeIfAbsent(WindowClock.start(time, width), start -> empty.get());
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
