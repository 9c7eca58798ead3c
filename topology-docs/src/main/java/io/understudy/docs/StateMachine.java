package io.understudy.docs;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The state machine of a rollout as text, as a Mermaid state diagram, and as the page {@code docs/state-machine.md}.
 */
final class StateMachine {

    /** A status before and a status after. */
    private record Statuses(String from, String to) {}

    private StateMachine() {}

    /** The page. */
    static String page() {
        return """
                # State machine of a rollout

                Generated from the code by the module `topology-docs`, which applies every command and every verdict in every
                status. The build fails when this page and the code differ.

                """ + mermaid() + """

                The same as text. Each line has a status, the next status, and the commands and verdicts that lead there.

                ```text
                """ + text() + """
                ```

                | guard | holds when |
                |---|---|
                | `last` | the rollout is in its last stage |
                | `not last` | the rollout is in an earlier stage |
                | `approval` | the step out of the stage needs approval, by `policies.approval` |
                | `no approval` | the step out of the stage needs no approval |
                | `hold` | the policy for the verdict, `policies.inconclusive` or `policies.invalid`, is `hold` |
                | `abort` | the policy for the verdict is `abort` |
                | `traffic` | the candidate has traffic |
                | `no traffic` | the candidate has none: nobody was ready, or a breaker opened |
                | `stage` | the stage waits for a program that serves the candidate |
                | `promotion` | the promotion waits for a program that serves the candidate as the existing model |

                A command or a verdict that is not listed for a status changes nothing. The command is rejected, except a late
                OPEN_BREAKER, READY or NOT_READY, which is ignored. A command that is forced takes its step without
                AWAITING_READINESS. [Rollouts](rollouts.md) describes what each status, command and verdict means.
                """;
    }

    /** One line for each pair of statuses: {@code from -> to  commands; verdict verdicts}. */
    static String text() {
        Map<Statuses, List<StateTransition>> transitions = byStatuses();
        int from = width(transitions, Statuses::from);
        int to = width(transitions, Statuses::to);
        StringBuilder text = new StringBuilder();
        transitions.forEach((statuses, triggers) -> text.append(
                ("%-" + from + "s -> %-" + to + "s  %s\n").formatted(statuses.from(), statuses.to(), line(triggers))));
        return text.toString();
    }

    private static String mermaid() {
        StringBuilder diagram = new StringBuilder("```mermaid\nstateDiagram-v2\n");
        diagram.append(
                "    state \"%s\" as %s\n".formatted(StateExploration.NO_ROLLOUT, node(StateExploration.NO_ROLLOUT)));
        byStatuses()
                .forEach((statuses, triggers) -> diagram.append("    %s --> %s : %s\n"
                        .formatted(
                                node(statuses.from()),
                                node(statuses.to()),
                                triggers.stream()
                                        .map(transition -> (transition.trigger().isVerdict() ? "verdict " : "")
                                                + transition.label())
                                        .collect(joining("<br/>")))));
        return diagram.append("```\n").toString();
    }

    private static Map<Statuses, List<StateTransition>> byStatuses() {
        return StateTransition.all().stream()
                .collect(groupingBy(
                        transition -> new Statuses(transition.from(), transition.to()), LinkedHashMap::new, toList()));
    }

    private static String node(String status) {
        return status.equals(StateExploration.NO_DEPLOYMENT) ? "[*]" : status.replace(' ', '_');
    }

    private static String line(List<StateTransition> triggers) {
        String commands = labels(triggers, transition -> !transition.trigger().isVerdict());
        String verdicts = labels(triggers, transition -> transition.trigger().isVerdict());
        return commands
                + (commands.isEmpty() || verdicts.isEmpty() ? "" : "; ")
                + (verdicts.isEmpty() ? "" : "verdict " + verdicts);
    }

    private static String labels(List<StateTransition> triggers, Predicate<StateTransition> which) {
        return triggers.stream().filter(which).map(StateTransition::label).collect(joining(", "));
    }

    private static int width(Map<Statuses, List<StateTransition>> transitions, Function<Statuses, String> status) {
        return transitions.keySet().stream()
                .mapToInt(statuses -> status.apply(statuses).length())
                .max()
                .orElse(0);
    }
}
