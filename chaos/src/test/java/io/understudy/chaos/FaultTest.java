package io.understudy.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FaultTest {

    private static final Set<FaultKind> ALL = EnumSet.allOf(FaultKind.class);
    private static final Set<String> ROLES = Set.copyOf(Installation.ROLES);

    @Test
    void theSameSeedDrawsTheSameFaults() {
        assertThat(Fault.draw(7, 50, ALL, ROLES, 3)).isEqualTo(Fault.draw(7, 50, ALL, ROLES, 3));
        assertThat(Fault.draw(7, 50, ALL, ROLES, 3)).isNotEqualTo(Fault.draw(8, 50, ALL, ROLES, 3));
    }

    @Test
    void twentyFaultsHaveEveryKind() {
        for (long seed = 0; seed < 50; seed++) {
            List<Fault> faults = Fault.draw(seed, 20, ALL, ROLES, 3);
            assertThat(faults.stream().map(Fault::kind)).containsAll(ALL);
        }
    }

    @Test
    void twoAtOnceAreTwoProcesses() {
        assertThat(Fault.draw(1, 200, Set.of(FaultKind.TWO_AT_ONCE), ROLES, 1))
                .noneMatch(fault ->
                        fault.role().equals(fault.otherRole()) && fault.side().equals(fault.otherSide()));
    }

    @Test
    void onlyTheGivenRolesFail() {
        assertThat(Fault.draw(1, 20, Set.of(FaultKind.KILL), Set.of("router"), 1))
                .allMatch(fault -> fault.role().equals("router"));
    }
}
