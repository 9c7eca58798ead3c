package io.understudy.scoring;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.understudy.rollout.UnusableModelException;
import io.understudy.schema.Model;
import io.understudy.schema.SchemaClasses;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/**
 * The process in which one ONNX model is inspected: loaded once, and no more. {@link IsolatedInspection} starts it and
 * writes the model to its standard input. The process ends when its standard input does, so it never outlives the
 * controller.
 */
public final class InspectionProcess {

    /** Begins the line with the SHA-256 of a model that can be used. */
    static final String USABLE = "understudy-usable:";

    /** Begins the line that says why a model cannot be used, in Base64. */
    static final String UNUSABLE = "understudy-unusable:";

    private static final Path OOM_SCORE = Path.of("/proc/self/oom_score_adj");
    private static final String FIRST_TO_GO = "1000";

    private InspectionProcess() {}

    /** Inspects a model. The arguments are the directory of the models and the maximum size of a file, bytes. */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = System.out;
        // What the runtime or the JVM prints is not the answer.
        System.setOut(System.err);
        dieFirst();
        SchemaClasses.trust();
        DataInputStream in = new DataInputStream(System.in);
        Model model = Model.fromByteBuffer(ByteBuffer.wrap(in.readNBytes(in.readInt())));
        endWith(in);
        String line;
        try {
            line = USABLE
                    + ModelLoader.inspectFile(Path.of(arguments[0]), Integer.parseInt(arguments[1]), model)
                            .getSha256();
        } catch (UnusableModelException e) {
            line = unusable(String.valueOf(e.getMessage()));
        } catch (RuntimeException | Error e) {
            line = unusable("cannot be inspected: " + e);
        }
        out.println(line);
        out.flush();
        Runtime.getRuntime().halt(0);
    }

    private static String unusable(String why) {
        return UNUSABLE + Base64.getEncoder().encodeToString(why.getBytes(UTF_8));
    }

    /** Where memory runs out, the system is to end this process and not the controller. */
    private static void dieFirst() {
        try {
            Files.writeString(OOM_SCORE, FIRST_TO_GO);
        } catch (IOException e) {
            // not Linux
        }
    }

    private static void endWith(DataInputStream in) {
        Thread watch = new Thread(
                () -> {
                    try {
                        while (in.read() >= 0) {
                            // only the end matters
                        }
                    } catch (IOException e) {
                        // the end as well
                    }
                    Runtime.getRuntime().halt(1);
                },
                "controller-watch");
        watch.setDaemon(true);
        watch.start();
    }
}
