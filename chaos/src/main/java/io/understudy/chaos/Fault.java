package io.understudy.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * A fault to play.
 *
 * @param kind what goes wrong
 * @param role role of the process that it concerns
 * @param side side of the process that it concerns
 * @param otherRole role of the second process
 * @param otherSide side of the second process
 * @param broker index of the broker that it concerns, from 0
 * @param atOnce whether the process is started again at once, and not only when the others have taken over
 */
record Fault(FaultKind kind, String role, String side, String otherRole, String otherSide, int broker, boolean atOnce) {

    private static final int OF_EACH_ROLE = Installation.ROLES.size();

    /** Draws faults. Of twenty that follow each other, each kind is one, and a process of each role is killed. */
    static List<Fault> draw(long seed, int count, Set<FaultKind> kinds, Set<String> roles, int brokers) {
        Random random = new Random(seed);
        List<Fault> faults = new ArrayList<>();
        while (faults.size() < count) {
            List<Fault> deck = new ArrayList<>();
            for (FaultKind kind : kinds) {
                int first = random.nextInt(OF_EACH_ROLE);
                for (int i = first; i < first + times(kind); i++) {
                    Fault fault = draw(kind, Installation.ROLES.get(i % OF_EACH_ROLE), brokers, random);
                    if (roles.contains(fault.role())) {
                        deck.add(fault);
                    }
                }
            }
            Collections.shuffle(deck, random);
            faults.addAll(deck.subList(0, Math.min(deck.size(), count - faults.size())));
        }
        return faults;
    }

    private static int times(FaultKind kind) {
        return switch (kind) {
            case KILL -> OF_EACH_ROLE;
            case STOP, FREEZE -> OF_EACH_ROLE - 1;
            default -> 1;
        };
    }

    private static Fault draw(FaultKind kind, String role, int brokers, Random random) {
        String side = Installation.SIDES.get(random.nextInt(2));
        String otherRole = Installation.ROLES.get(random.nextInt(OF_EACH_ROLE));
        String otherSide = role.equals(otherRole)
                ? Installation.SIDES.get(1 - Installation.SIDES.indexOf(side))
                : Installation.SIDES.get(random.nextInt(2));
        return new Fault(kind, role, side, otherRole, otherSide, random.nextInt(brokers), random.nextBoolean());
    }

    /** The row of the table of results that the fault belongs to. */
    String row() {
        return switch (kind) {
            case KILL -> role + " killed" + (atOnce ? ", started again at once" : "");
            case STOP -> role + " stopped";
            case FREEZE -> role + " frozen for 10 s";
            default -> kind.text();
        };
    }

    @Override
    public String toString() {
        return switch (kind) {
            case KILL -> role + "-" + side + " killed" + (atOnce ? ", started again at once" : "");
            case STOP, FREEZE -> row() + " (" + side + ")";
            case WIPE, SAME_NAME -> row() + ": " + role + "-" + side;
            case TWO_AT_ONCE -> row() + ": " + role + "-" + side + " and " + otherRole + "-" + otherSide;
            case BROKER_KILL, BROKER_FREEZE -> row() + ": " + (broker + 1);
            case NETWORK_CUT -> row() + ": " + side;
            default -> row();
        };
    }
}
