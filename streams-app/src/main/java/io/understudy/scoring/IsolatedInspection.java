package io.understudy.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.rollout.ModelInspection;
import io.understudy.rollout.UnusableModelException;
import io.understudy.schema.Model;
import io.understudy.schema.ScorerKind;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.FileUtils;

/**
 * Inspects ONNX models in a process of their own, and all others in this one. A file of a thousand bytes can make the
 * ONNX runtime take all memory, run for hours, or crash, and none of that can be caught or interrupted from within; a
 * process can be ended. Safe for many threads; interrupting a thread ends its process.
 */
public final class IsolatedInspection implements ModelInspection {

    private static final int MAX_PROCESSES = 2;
    private static final int MEBIBYTE = 1024 * 1024;

    /** What the process needs besides the model, mebibytes. */
    private static final int HEAP_BASE = 128;

    private static final int POLL_MILLIS = 20;
    private static final int MAX_OUTPUT_BYTES = 64 * 1024;
    private static final long KIBIBYTE = 1024;

    private final ModelLoader loader;
    private final ModelLoader.Limits limits;
    private final long maxMemoryBytes;
    private final Semaphore processes = new Semaphore(MAX_PROCESSES, true);

    /**
     * Creates an inspection.
     *
     * @param loader inspects the models without a file
     * @param maxMemoryBytes how much memory the process of an inspection may use
     */
    public IsolatedInspection(ModelLoader loader, ModelLoader.Limits limits, long maxMemoryBytes) {
        this.loader = loader;
        this.limits = limits;
        this.maxMemoryBytes = maxMemoryBytes;
    }

    @Override
    public Model inspect(Model model) throws UnusableModelException {
        if (model.getScorer() != ScorerKind.ONNX) {
            return loader.inspect(model);
        }
        try {
            processes.acquire();
            try {
                return inspectInProcess(model);
            } finally {
                processes.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnusableModelException("its inspection was interrupted", e);
        } catch (IOException e) {
            throw new UnusableModelException("the process for its inspection cannot be run: " + e.getMessage(), e);
        }
    }

    private Model inspectInProcess(Model model) throws IOException, InterruptedException, UnusableModelException {
        // The runtime unpacks its library into it, and a process that is ended does not tidy up.
        Path directory = Files.createTempDirectory("understudy-inspection");
        try {
            Path output = directory.resolve("output");
            ProcessBuilder builder = new ProcessBuilder(command(directory))
                    .redirectOutput(output.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD);
            builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
            Process process = builder.start();
            try (DataOutputStream in = new DataOutputStream(process.getOutputStream())) {
                ByteBuffer bytes = model.toByteBuffer();
                in.writeInt(bytes.remaining());
                in.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
                in.flush();
                await(process);
            } finally {
                process.destroyForcibly()
                        .onExit()
                        .completeOnTimeout(process, 1, TimeUnit.SECONDS)
                        .join();
            }
            return result(model, process.exitValue(), output);
        } finally {
            FileUtils.deleteQuietly(directory.toFile());
        }
    }

    private List<String> command(Path directory) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + (limits.maxFileBytes() / MEBIBYTE + HEAP_BASE) + "m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + directory.resolve("crash.log"),
                "-Djava.io.tmpdir=" + directory,
                "-cp",
                System.getProperty("java.class.path"),
                InspectionProcess.class.getName(),
                limits.directory().toString(),
                Integer.toString(limits.maxFileBytes()));
    }

    private void await(Process process) throws InterruptedException, UnusableModelException {
        while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
            if (residentBytes(process) > maxMemoryBytes) {
                throw new UnusableModelException("its inspection took more than " + maxMemoryBytes / MEBIBYTE
                        + " MiB of memory (controller.inspection-max-mebibytes)");
            }
        }
    }

    /** The memory that a process uses; 0 where the system does not say it in Linux's way. */
    private static long residentBytes(Process process) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIBIBYTE)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    private static Model result(Model model, int exitValue, Path output) throws IOException, UnusableModelException {
        String text;
        try (var in = Files.newInputStream(output)) {
            text = new String(in.readNBytes(MAX_OUTPUT_BYTES), UTF_8);
        }
        Optional<String> sha256 = line(text, InspectionProcess.USABLE);
        if (sha256.isPresent()) {
            return Model.newBuilder(model).setSha256(sha256.get()).build();
        }
        throw new UnusableModelException(line(text, InspectionProcess.UNUSABLE)
                .map(why -> new String(Base64.getDecoder().decode(why), UTF_8))
                .orElse("model file " + model.getLocation()
                        + " brought down the process in which it was inspected (exit code " + exitValue + ")"));
    }

    private static Optional<String> line(String text, String start) {
        return text.lines()
                .filter(line -> line.startsWith(start))
                .findFirst()
                .map(line -> line.substring(start.length()));
    }
}
