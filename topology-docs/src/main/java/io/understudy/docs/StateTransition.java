package io.understudy.docs;

import io.understudy.docs.StateExploration.Result;
import io.understudy.docs.StateExploration.Setting;
import io.understudy.docs.StateExploration.Trigger;
import io.understudy.schema.RolloutStatus;
import io.understudy.schema.RolloutVerb;
import io.understudy.schema.Verdict;
import io.understudy.spec.SpecNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A transition of a rollout's status.
 *
 * @param from the status before it
 * @param to the status after it, which may be the same
 * @param trigger the command or verdict that causes it
 * @param guards what must hold besides the status, such as {@code last}; empty when nothing must
 */
record StateTransition(String from, String to, Trigger trigger, List<String> guards) {

    /** All statuses, in the order of the documents. */
    private static final List<String> STATUSES = Stream.concat(
                    Stream.of(StateExploration.NO_DEPLOYMENT, StateExploration.NO_ROLLOUT),
                    Arrays.stream(RolloutStatus.values()).map(Enum::name))
            .toList();

    /** The parts of a setting, each by the word that stands for its value. */
    private static final List<Function<Setting, String>> PARTS = List.of(
            setting -> setting.lastStage() ? "last" : "not last",
            setting -> setting.approval() ? "approval" : "no approval",
            setting -> SpecNode.name(setting.policy()),
            setting -> setting.heldBy().map(Verdict::name).orElse("no verdict"),
            setting -> setting.traffic() ? "traffic" : "no traffic",
            setting -> setting.awaiting().map(SpecNode::name).orElse("no step"));

    private static final Comparator<StateTransition> ORDER = Comparator.comparing(
                    (StateTransition transition) -> STATUSES.indexOf(transition.from()))
            .thenComparing(transition -> STATUSES.indexOf(transition.to()))
            .thenComparing(transition -> transition.trigger().isVerdict())
            .thenComparing(transition -> ordinal(transition.trigger()));

    /** All transitions, ordered by status before, status after and trigger. */
    static List<StateTransition> all() {
        Set<Result> results = StateExploration.results();
        checkUnambiguous(results);
        return results.stream()
                .filter(result -> result.to().isPresent())
                .map(result -> List.of(result.from(), result.to().get(), result.trigger()))
                .distinct()
                .map(key -> of((String) key.get(0), (String) key.get(1), (Trigger) key.get(2), results))
                .sorted(ORDER)
                .toList();
    }

    /** The trigger and its guards, such as {@code PASS [last, no approval]}. */
    String label() {
        return trigger.name() + (guards.isEmpty() ? "" : " [" + String.join(", ", guards) + "]");
    }

    private static int ordinal(Trigger trigger) {
        return trigger.isVerdict()
                ? Verdict.valueOf(trigger.name()).ordinal()
                : RolloutVerb.valueOf(trigger.name()).ordinal();
    }

    /** Finds the fewest guards, the last parts preferred, that tell the settings with this transition from all settings in which its status occurs. */
    private static StateTransition of(String from, String to, Trigger trigger, Set<Result> results) {
        Set<Setting> taken = settings(
                results,
                result -> result.from().equals(from)
                        && result.trigger().equals(trigger)
                        && result.to().equals(Optional.of(to)));
        Set<Setting> all = settings(results, result -> result.from().equals(from));
        List<Function<Setting, String>> guarding = new ArrayList<>(PARTS);
        if (!guarded(all, taken, guarding).equals(taken)) {
            throw new IllegalStateException(trigger.name() + " from " + from + " leads to " + to + " in " + taken
                    + ", which guards cannot say");
        }
        for (Function<Setting, String> part : PARTS) {
            List<Function<Setting, String>> fewer = new ArrayList<>(guarding);
            fewer.remove(part);
            if (guarded(all, taken, fewer).equals(taken)) {
                guarding = fewer;
            }
        }
        return new StateTransition(
                from,
                to,
                trigger,
                guarding.stream()
                        .map(part -> words(taken, part).sorted().collect(Collectors.joining(" or ")))
                        .toList());
    }

    /** The settings that agree in {@code parts} with one of {@code taken}. */
    private static Set<Setting> guarded(Set<Setting> all, Set<Setting> taken, List<Function<Setting, String>> parts) {
        return all.stream()
                .filter(setting ->
                        parts.stream().allMatch(part -> words(taken, part).anyMatch(part.apply(setting)::equals)))
                .collect(Collectors.toSet());
    }

    private static Stream<String> words(Set<Setting> settings, Function<Setting, String> part) {
        return settings.stream().map(part).distinct();
    }

    private static Set<Setting> settings(Set<Result> results, Predicate<Result> which) {
        return results.stream().filter(which).map(Result::setting).collect(Collectors.toCollection(HashSet::new));
    }

    private static void checkUnambiguous(Set<Result> results) {
        Map<List<Object>, Set<Optional<String>>> outcomes = results.stream()
                .collect(Collectors.groupingBy(
                        result -> List.of(result.from(), result.setting(), result.trigger()),
                        Collectors.mapping(Result::to, Collectors.toSet())));
        outcomes.forEach((input, to) -> {
            if (to.size() > 1) {
                throw new IllegalStateException(
                        input + " leads to " + to + "; the result depends on something that is not in a setting");
            }
        });
    }
}
