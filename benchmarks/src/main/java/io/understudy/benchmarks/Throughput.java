package io.understudy.benchmarks;

import io.understudy.assignment.Share;
import io.understudy.benchmarks.Meter.Cost;
import io.understudy.benchmarks.Meter.Work;
import io.understudy.schema.Arm;
import io.understudy.schema.RolloutVerb;
import io.understudy.topics.Topic;
import io.understudy.wire.Route;
import io.understudy.wire.Route.Part;
import io.understudy.wire.Route.Purpose;
import io.understudy.wire.RouteHeader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Measures the cost of each contender for processing the same flights. */
final class Throughput {

    private final BrokerProcess broker;
    private final Path example;
    private final Path state;
    private final int settled;
    private final int count;

    /**
     * Creates a measurement.
     *
     * @param settled number of records before the measurement starts
     * @param count total number of records
     */
    Throughput(BrokerProcess broker, Path example, Path state, int settled, int count) {
        this.broker = broker;
        this.example = example;
        this.state = state;
        this.settled = settled;
        this.count = count;
    }

    /** One contender. */
    @FunctionalInterface
    private interface Contender {
        Cost run() throws Exception;
    }

    /**
     * The costs by contender, starting with the plain copy. Each cost is that of the contender's median round. The
     * first round does not count: broker and clients are cold, and the first contender would pay for the warm-up of
     * all.
     *
     * @param only text that the name of a contender must contain
     */
    Map<String, Cost> measure(int rounds, String only) throws Exception {
        Map<String, Contender> contenders = new LinkedHashMap<>();
        contenders.put("plain copy", () -> copy(1, false, Duration.ZERO));
        contenders.put("plain 1-to-2 copy, transactions", () -> copy(2, true, Duration.ofMillis(50)));
        contenders.put("router, everything mirrored", this::router);
        RouterCost routers = new RouterCost(broker, example, state, settled, count);
        for (int deployments : new int[] {1, 100}) {
            for (int share : new int[] {0, 5000, 50_000}) {
                contenders.put(
                        "router, " + deployments + (deployments == 1 ? " deployment, " : " deployments, ")
                                + new Share(share) + " served",
                        () -> routers.measure(deployments, share));
            }
        }
        contenders.put("scorer, existing model", () -> scorer("deployment.yaml", null));
        contenders.put("scorer, candidate", () -> scorer("deployment.yaml", "rollout.yaml"));
        contenders.put("scorer, broken candidate", () -> scorer("deployment.yaml", "rollout-broken.yaml"));
        contenders.put("whole shadow path", this::shadowPath);
        EvaluatorCost evaluator = new EvaluatorCost(broker, example, state, settled, count);
        contenders.put("evaluator, answers only", evaluator::withoutOutcomes);
        contenders.put("evaluator, answers and outcomes", evaluator::withOutcomes);
        contenders.keySet().removeIf(name -> !name.contains(only));
        Map<String, List<Cost>> all = new LinkedHashMap<>();
        for (int round = 0; round <= rounds; round++) {
            for (Map.Entry<String, Contender> contender : contenders.entrySet()) {
                Cost cost = contender.getValue().run();
                System.err.printf(
                        "round %d: %-35s %8.0f/s %6.2f CPU s/M (client %.2f, broker %.2f)%n",
                        round,
                        contender.getKey(),
                        cost.recordsPerSecond(),
                        cost.cpu(),
                        cost.clientCpu(),
                        cost.brokerCpu());
                if (round > 0) {
                    all.computeIfAbsent(contender.getKey(), name -> new ArrayList<>())
                            .add(cost);
                }
            }
        }
        Map<String, Cost> medians = new LinkedHashMap<>();
        all.forEach((name, costs) -> {
            costs.sort(Comparator.comparingDouble(Cost::cpu));
            medians.put(name, costs.get(costs.size() / 2));
        });
        return medians;
    }

    private Cost copy(int fanOut, boolean transactional, Duration commitInterval) throws Exception {
        try (Site site = new Site(broker, example, state)) {
            site.fill(site.topics().predictionRequests(), count, new RecordHeaders());
            String group = site.settings().prefix() + "copy";
            String from = site.topics().predictionRequests().name();
            List<String> to = List.of(
                            site.topics().existingRequests().name(),
                            site.topics().candidateRequests().name())
                    .subList(0, fanOut);
            PlainCopy copy = new PlainCopy(site.kafka(), group, from, to, transactional, commitInterval);
            Thread thread = new Thread(copy);
            thread.start();
            Cost cost = meter(List.of(new Work(group, from)));
            copy.stop();
            thread.join();
            return cost;
        }
    }

    private Cost router() throws Exception {
        try (Site site = new Site(broker, example, state)) {
            deploy(site, "deployment.yaml", "rollout.yaml");
            site.fill(site.topics().predictionRequests(), count, new RecordHeaders());
            site.start("router");
            return meter(List.of(routing(site)));
        }
    }

    private Cost scorer(String deployment, String rollout) throws Exception {
        try (Site site = new Site(broker, example, state)) {
            deploy(site, deployment, rollout);
            boolean existing = rollout == null;
            String version = existing ? "v1" : rollout.contains("broken") ? "v2-broken" : "v2";
            Headers headers = new RouteHeader(new Route(
                            Site.DEPLOYMENT,
                            existing ? Arm.EXISTING : Arm.CANDIDATE,
                            version,
                            Optional.empty(),
                            existing
                                    ? Optional.empty()
                                    : Optional.of(
                                            new Part("flight-delay-v2-2", 0, 1, new Purpose.Mirror(Optional.empty())))))
                    .stamp(
                            new RecordHeaders(),
                            RouteHeader.encodeTimes(System.currentTimeMillis(), System.currentTimeMillis()));
            Topic lane =
                    existing ? site.topics().existingRequests() : site.topics().candidateRequests();
            site.fill(lane, count, headers);
            site.start("scorer");
            return meter(List.of(scoring(site, existing ? "existing" : "candidate", lane)));
        }
    }

    private Cost shadowPath() throws Exception {
        try (Site site = new Site(broker, example, state)) {
            deploy(site, "deployment.yaml", "rollout.yaml");
            site.fill(site.topics().predictionRequests(), count, new RecordHeaders());
            site.start("router,scorer");
            return meter(List.of(
                    routing(site),
                    scoring(site, "existing", site.topics().existingRequests()),
                    scoring(site, "candidate", site.topics().candidateRequests())));
        }
    }

    private void deploy(Site site, String deployment, String rollout) throws Exception {
        site.start("controller");
        site.command(RolloutVerb.DEPLOY, Files.readString(example.resolve(deployment)));
        if (rollout != null) {
            site.command(RolloutVerb.START, Files.readString(example.resolve(rollout)));
        }
        site.stopNodes();
    }

    private static Work routing(Site site) {
        return new Work(
                site.settings().prefix() + "understudy-router",
                site.topics().predictionRequests().name());
    }

    private static Work scoring(Site site, String lane, Topic topic) {
        return new Work(site.settings().prefix() + "understudy-scorer-" + lane, topic.name());
    }

    private Cost meter(List<Work> works) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            return new Meter(broker, admin).measure(works, settled, count);
        }
    }
}
