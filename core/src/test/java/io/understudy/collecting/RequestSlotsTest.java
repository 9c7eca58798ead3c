package io.understudy.collecting;

import static org.assertj.core.api.Assertions.assertThat;

import io.understudy.schema.RequestSlot;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestSlotsTest {

    private final RequestSlots<List<Integer>> slots = new RequestSlots<>(10, ArrayList::new, List::addAll);
    private final List<Integer> taken = new ArrayList<>();

    private void takeEndingBy(long time) {
        slots.takeEndingBy(time, (counts, end) -> taken.addAll(counts));
    }

    @Test
    void aSlotIsTakenOnceItHasEnded() {
        slots.at(5).add(1);
        slots.at(12).add(2);

        takeEndingBy(19);

        assertThat(taken).containsExactly(1);
    }

    @Test
    void whileNothingIsTakenTheOldestAreAddedTogetherAndNothingIsLost() {
        int all = 3 * RequestSlots.MOST_SLOTS;
        for (int slot = 0; slot < all; slot++) {
            slots.at(10L * slot).add(slot);
        }
        slots.at(0).add(all);

        List<Long> starts = new ArrayList<>();
        slots.save((start, counts) -> {
            starts.add(start);
            return new RequestSlot();
        });
        assertThat(starts).hasSize(RequestSlots.MOST_SLOTS);
        takeEndingBy(10L * (all - RequestSlots.MOST_SLOTS));
        assertThat(taken).as("what is added to a later slot waits for its end").isEmpty();
        takeEndingBy(10L * all);
        assertThat(taken).hasSize(all + 1).contains(0, all);
    }
}
