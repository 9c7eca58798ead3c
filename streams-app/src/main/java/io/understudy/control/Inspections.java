package io.understudy.control;

import io.understudy.reason.ReasonCode;
import io.understudy.rollout.ModelInspection;
import io.understudy.rollout.UnusableModelException;
import io.understudy.schema.Model;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Inspects models on threads of its own, because a model's file or server may take any time. Each inspection has an
 * end, whatever the model does: it waits at most the deadline for a thread, and it runs at most the deadline. A failure
 * of any kind, a lack of memory included, says that the model cannot be used. Safe for many threads.
 */
public final class Inspections implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Inspections.class);

    private static final long IDLE_SECONDS = 10;

    private final ModelInspection inspection;
    private final Executor executor;
    private final ScheduledThreadPoolExecutor timer;
    private final Duration deadline;
    private final ControlMeters meters;

    /**
     * Creates the threads.
     *
     * @param inspection checks a model; it should end when its thread is interrupted
     * @param threads maximum number of models that are inspected at the same time
     * @param deadline maximum time of an inspection, and of its wait for a thread
     */
    public Inspections(ModelInspection inspection, int threads, Duration deadline, ControlMeters meters) {
        this(inspection, pool(threads), deadline, meters);
    }

    /** Inspects models on the threads of {@code executor}, which its owner stops. */
    public Inspections(ModelInspection inspection, Executor executor, Duration deadline, ControlMeters meters) {
        this.inspection = inspection;
        this.executor = executor;
        this.deadline = deadline;
        this.meters = meters;
        this.timer = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "inspection-deadlines"));
        timer.setRemoveOnCancelPolicy(true);
    }

    private static ThreadPoolExecutor pool(int threads) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> daemon(task, "inspection"));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** The result of an inspection: the model to keep in the state, or why the model cannot be used. */
    sealed interface Result {
        record Usable(Model model) implements Result {}

        record Unusable(UnusableModelException why) implements Result {}
    }

    /**
     * Begins to inspect a model.
     *
     * @return completes with the result; cancelling it ends the inspection
     */
    CompletableFuture<Result> begin(Model model) {
        Inspection begun = new Inspection(model);
        executor.execute(begun);
        return begun.result;
    }

    private ScheduledFuture<?> expire(CompletableFuture<Result> result, String sentence) {
        return timer.schedule(
                () -> result.complete(
                        new Result.Unusable(new UnusableModelException(ReasonCode.INSPECTION_TIMEOUT, sentence))),
                deadline.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** The inspection of one model: first it waits for a thread, then it runs. */
    private final class Inspection implements Runnable {

        private final Model model;
        private final CompletableFuture<Result> result = new CompletableFuture<>();
        private ScheduledFuture<?> expiry;
        private @Nullable Thread thread;

        private Inspection(Model model) {
            this.model = model;
            this.expiry = expire(
                    result,
                    "the inspection could not begin within " + deadline.toMillis()
                            + " ms, because as many others as allowed are under way");
            result.whenComplete((found, failure) -> end(found));
        }

        @Override
        public void run() {
            if (begin()) {
                meters.inspectionBegins();
                try {
                    result.complete(inspect(model));
                } finally {
                    meters.inspectionEnds();
                    leave();
                }
            }
        }

        private synchronized boolean begin() {
            if (result.isDone()) {
                return false;
            }
            expiry.cancel(false);
            expiry = expire(result, "the inspection did not end within " + deadline.toMillis() + " ms");
            thread = Thread.currentThread();
            return true;
        }

        /** The result is there: whatever still runs for it may stop. */
        private synchronized void end(@Nullable Result found) {
            expiry.cancel(false);
            if (found instanceof Result.Unusable unusable) {
                meters.inspectionFailed(unusable.why().code());
            }
            if (thread != null && thread != Thread.currentThread()) {
                thread.interrupt();
            }
        }

        /** The thread goes on to another inspection, to which an interruption of this one must not apply. */
        private synchronized void leave() {
            thread = null;
            if (Thread.interrupted()) {
                LOG.info("The inspection of a model was interrupted: version={}", model.getVersion());
            }
        }
    }

    private Result inspect(Model model) {
        try {
            return new Result.Usable(inspection.inspect(model));
        } catch (UnusableModelException e) {
            return new Result.Unusable(e);
        } catch (RuntimeException | Error e) {
            // Whatever a model brings down, memory included, must not bring down the controller.
            LOG.warn("A model brought its inspection down: version={} cause={}", model.getVersion(), e.toString());
            return new Result.Unusable(new UnusableModelException("cannot be inspected: " + e, e));
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        if (executor instanceof ExecutorService pool) {
            pool.shutdownNow();
        }
    }
}
